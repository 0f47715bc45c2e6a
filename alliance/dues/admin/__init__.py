from . import dues, payments, standards

__all__ = ["dues", "payments", "standards"]
