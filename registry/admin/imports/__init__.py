from . import batches

__all__ = ["batches"]
