-- allocation: the ledger of receipts consumed, in base units.
--
-- grain     invoice_id, line_no, receipt_key
-- reads     allocated
-- params    none
-- money     none
-- rule      Shares become base units by whole-number division, cut (not rounded) at six decimals;
--           exact wherever every unit of the item is a whole number of base units.
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
