"""Days counted by months, as people count them."""

import calendar
import datetime


def months_later(day: datetime.date, months: int) -> datetime.date:
    """Return the same day of another month, or its last day where there is none; negative `months` go back.

    The calendar ends with the years 1 and 9999: beyond them their first and last months are taken.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    year = min(max(year, datetime.MINYEAR), datetime.MAXYEAR)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
