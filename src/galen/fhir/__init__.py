"""FHIR: people and their records from other systems. What has no room yet is kept whole, as it came."""

from .importing import import_fhir
from .models import FhirImport, KeptResource
from .report import Report

__all__ = ["FhirImport", "KeptResource", "Report", "import_fhir"]
