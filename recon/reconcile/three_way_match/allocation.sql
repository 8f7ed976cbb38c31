-- allocation: which invoice line consumed how much of which receipt, in base units: a result table.
--
-- grain     invoice_id, line_no, receipt_key
-- reads     allocated
-- params    none
-- money     none
-- rule      The match counts in shares, whole fractions of a base unit. They become base units by whole-number
--           division, cut (not rounded) at six decimals, so that the parts never add up to more than the receipt. Exact
--           wherever every unit of the item is a whole number of base units. (Specification 1.1, allocation.)
select
    invoice_id,
    line_no,
    receipt_key,
    receipt_id,
    receipt_line_no,
    match_group,
    cast(
        case
            when scale = 1 then qty
            else cast(cast(qty * 1000000 as hugeint) // scale as decimal(32, 0)) * 0.000001
        end
        as decimal(18, 6)
    ) as qty,
    basis
from allocated
