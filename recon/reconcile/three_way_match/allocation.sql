-- allocation: the ledger of receipts consumed, in base units.
--
-- grain     invoice_id, line_no, receipt_key
-- reads     allocated, supply
-- params    none
-- money     none
-- rule      Shares become base units by whole-number division, cut (not rounded) at six decimals;
--           exact wherever every unit of the item is a whole number of base units.
select
    allocated.invoice_id,
    allocated.line_no,
    allocated.receipt_key,
    supply.receipt_id,
    supply.receipt_line_no,
    allocated.match_group,
    cast(
        case
            when supply.scale = 1 then allocated.qty
            else cast(cast(allocated.qty * 1000000 as hugeint) // supply.scale as decimal(32, 0)) * 0.000001
        end
        as decimal(18, 6)
    ) as qty,
    allocated.basis
from allocated
inner join supply on allocated.receipt_key = supply.receipt_key
