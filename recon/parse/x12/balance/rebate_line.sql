-- rebate_line: what an 867 claims for one unit, against the prices it gives for it.
--
-- grain     control, transaction_no, source_record
-- reads     rebate_line
-- params    none
-- money     dollars per unit, exact
-- rule      the claim is acquisition price less contract price, where both are prices of one unit of
--           measure; its flag says who owes it, so the signs of the two are not compared
with line as (
    select
        *,
        cast(acquisition_price as decimal(38, 6)) - contract_price as difference
    from rebate_line
    where acquisition_price_uom is not distinct from contract_price_uom
)

select
    'AMT*S unit' as control,
    transaction_no,
    source_record,
    byte_offset,
    claim_per_unit as declared,
    difference as found,
    abs(claim_per_unit) = abs(difference) as agrees
from line
where claim_per_unit is not null and difference is not null
order by all
