-- claim: what an 837 charges for a claim, against the charges of its lines.
--
-- grain     control, transaction_no, source_record
-- reads     claim, claim_line
-- params    none
-- money     dollars, as written
-- rule      CLM02 is the sum of the charges of the claim's lines; a claim without lines is not checked
with charged as (
    select
        transaction_no,
        claim_no,
        sum(charge) as amount
    from claim_line
    group by transaction_no, claim_no
)

select
    'CLM02' as control,
    claim.transaction_no,
    claim.source_record,
    claim.byte_offset,
    claim.charge as declared,
    charged.amount as found,
    claim.charge = charged.amount as agrees
from claim
inner join charged on claim.transaction_no = charged.transaction_no and claim.claim_no = charged.claim_no
order by all
