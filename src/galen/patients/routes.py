from galen.core.web import get, page, post

from .schemas import PatientView
from .service import find_patients, open_patient, register

routes = [
    get("/patients", find_patients, json=list[PatientView], html="patients.html", room="Patients", icon="users", order=10),
    get("/patients/search", find_patients, json=list[PatientView]),
    page("/patients/new", "new_patient.html", needs="patient.write", module="patients"),
    post("/patients", register, json=PatientView, then="/patients/{id}"),
    get("/patients/{patient_id}", open_patient, json=PatientView, html="chart.html", place="patient"),
]
