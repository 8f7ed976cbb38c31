"""278 Services review (prior authorisation), request and answer: its header only.

What is asked for and for whom stands in its levels (HL) and is not read: the toolkit has no use
for it. It is declared so that one without its hierarchy is refused and answered as such.
"""

from recon.parse.x12.declare import Kind, Record, TransactionSet, column

_REVIEW = Record(
    "services_review",
    (
        column("structure_code", Kind.CODE, "BHT01"),
        column("purpose_code", Kind.CODE, "BHT02"),
        column("review_number", Kind.TEXT, "BHT03", private="account"),
        column("created_date", Kind.DATE, "BHT04"),
        column("type_code", Kind.CODE, "BHT06"),
    ),
)

SERVICES_REVIEW = TransactionSet(
    code="278",
    title="Services review",
    records=(_REVIEW,),
    needs=("BHT", "HL"),
    ignored=None,
    about_persons=True,
)
