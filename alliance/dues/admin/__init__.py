from . import cards, dues, payments, standards

__all__ = ["cards", "dues", "payments", "standards"]
