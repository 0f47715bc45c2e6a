from . import decisions, meetings, rules

__all__ = ["decisions", "meetings", "rules"]
