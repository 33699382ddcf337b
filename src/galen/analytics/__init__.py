"""Analytics: the day against last week, counted from the records themselves."""

from .service import DayFigure, Report, daily, days_report

__all__ = ["DayFigure", "Report", "daily", "days_report"]
