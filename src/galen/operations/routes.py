"""The jobs page, and what may be decided on it."""

from galen.core.web import delete, get, put
from galen.i18n import N_

from .schemas import JobListView, JobView
from .service import discard, failed_count, job_list, run_again, run_kind_again

routes = [
    get(
        "/jobs", job_list, json=JobListView, html="job_list.html",
        nav="Jobs", icon="settings-automation", order=94, count=failed_count,
    ),
    put("/jobs/{job_id}/attempt", run_again, json=JobView, redirect="/jobs",
        says=N_("The job is tried again.")),
    delete("/jobs/{job_id}", discard, json=JobView, redirect="/jobs",
        says=N_("The job is discarded.")),
    put("/job-kinds/{kind}/attempt", run_kind_again, json=list[JobView], redirect="/jobs",
        says=N_("These jobs are tried again.")),
]  # fmt: skip
