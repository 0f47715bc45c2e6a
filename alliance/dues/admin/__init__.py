from alliance.dues import falling_due

from . import cards, dues, payments, standards

__all__ = ["cards", "dues", "falling_due", "payments", "standards"]
