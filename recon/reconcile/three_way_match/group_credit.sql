-- group_credit: every credit line of a match group that takes something: quantity, or price.
--
-- grain     invoice_id, line_no
-- reads     matched_line
-- held      no
-- params    none
-- money     `measure` (QTY) is dollars on an amount basis, shares otherwise; `amount` (PRICE) is dollars, positive
-- rule      A credit on the price, or one without a quantity, takes from the price alone; any other takes quantity. A
--           credit of a bill-only line may name a lot. (Specification 1.2 step 4.)
select
    group_no,
    invoice_id,
    line_no,
    invoice_date,
    ref_invoice_id,
    case when is_lot_bound then upper(trim(cites)) end as lot,
    case when adj_kind <> 'PRICE' and measure > 0 then 'QTY' else 'PRICE' end as kind,
    measure,
    -amount as amount
from matched_line
where
    code is null
    and is_credit
    and (
        (adj_kind <> 'PRICE' and measure > 0)
        or (amount < 0 and (adj_kind = 'PRICE' or coalesce(measure, 0) = 0))
    )
