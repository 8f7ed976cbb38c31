"""The charge side of the sample: what was used on patients, charged, claimed and answered.

Patients are numbers, and the numbers are invented. What belongs here: the stories and their files.
What does not: orders, receipts and invoices (``recon/sample/stories``).
"""
