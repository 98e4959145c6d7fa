"""Business days of the Assembleia in Belo Horizonte.

Holidays of the nation, of Minas Gerais and of Belo Horizonte, plus what the Mesa declares for a day
(`calendar_day`: a *ponto facultativo* or an extraordinary working day).
"""

from workflow.calendar.days import (
    add_business_days,
    declare_day,
    declared_days,
    holiday_name,
    is_business_day,
    next_business_day,
    withdraw_day,
)
from workflow.calendar.models import CalendarDay

__all__ = [
    "CalendarDay",
    "add_business_days",
    "declare_day",
    "declared_days",
    "holiday_name",
    "is_business_day",
    "next_business_day",
    "withdraw_day",
]
