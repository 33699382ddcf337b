"""What a scanner reads off a pack: GS1 element strings and addresses, plain article numbers, the German PPN.

Formats: GS1 General Specifications 3 (application identifiers), 5.10 (symbology identifiers), 7.12 (years), GS1 Digital
Link 1.3, IFA specification PPN-Code 2. Values in, values out; whoever knows products looks them up by `Scan.codes`.
"""

from .identifiers import Misread, gs1_date, wrong_digit
from .reading import Scan, read_code, read_scan

__all__ = ["Misread", "Scan", "gs1_date", "read_code", "read_scan", "wrong_digit"]
