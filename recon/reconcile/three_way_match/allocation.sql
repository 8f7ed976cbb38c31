-- allocation: which invoice line consumed how much of which receipt, in base units: a result table.
--
-- grain     invoice_id, line_no, receipt_key
-- reads     allocated, match_group
-- params    none
-- money     none
-- rule      The match counts in shares, whole fractions of a base unit. They become base units by whole-number
--           division, cut (not rounded) at six decimals, so that the parts never add up to more than the receipt. Exact
--           wherever every unit of the item is a whole number of base units. (Specification 1.1, allocation.)
select
    allocated.invoice_id,
    allocated.line_no,
    allocated.receipt_key,
    allocated.receipt_id,
    allocated.receipt_line_no,
    grp.match_group,
    cast(
        case
            when allocated.scale = 1 then allocated.qty
            else
                cast(cast(allocated.qty * 1000000 as hugeint) // allocated.scale as decimal(32, 0))
                * 0.000001
        end
        as decimal(18, 6)
    ) as qty,
    allocated.basis
from allocated
inner join match_group as grp on allocated.group_no = grp.group_no
