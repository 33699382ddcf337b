"""FHIR: people and their records from other systems. What has no room yet is kept whole, as it came."""

from .importing import import_fhir
from .models import FhirImport, KeptResource
from .report import FhirReport

__all__ = ["FhirImport", "FhirReport", "KeptResource", "import_fhir"]
