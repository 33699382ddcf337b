"""Analytics: the day against last week, counted from the records themselves."""

from .service import DayFigure, DaysReport, daily, days_report

__all__ = ["DayFigure", "DaysReport", "daily", "days_report"]
