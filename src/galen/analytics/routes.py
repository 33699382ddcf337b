"""The pages and addresses of analytics."""

from galen.core.web import get

from .service import daily_summary, days_report

routes = [
    get("/home/report", days_report, html="report.html", panel="home", title="The day against last week", order=10),
    get("/reports/daily-summary", daily_summary, json=dict),
]
