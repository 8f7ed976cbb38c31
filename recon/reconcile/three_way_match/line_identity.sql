-- line_identity: the one order line, or the one class of equal order lines, an item line is about.
--
-- grain     invoice_id, line_no
-- reads     line_numbered, line_candidate
-- params    none
-- money     none
-- rule      Of several candidates those at the invoice's price stay, if there are any. If what stays
--           shares item, unit and price it is pooled; otherwise it is ambiguous and nothing is picked.
--           (Specification 1.2 step 3.)
with at_price as (
    select
        invoice_id,
        line_no,
        count(case when is_same_price then 1 end) as at_price
    from line_candidate
    group by invoice_id, line_no
),

staying as (
    select candidate.*
    from line_candidate as candidate
    inner join at_price on candidate.invoice_id = at_price.invoice_id and candidate.line_no = at_price.line_no
    where at_price.at_price = 0 or candidate.is_same_price
),

identity as (
    select
        invoice_id,
        line_no,
        min(po_id) as po_id,
        min(po_line_no) as po_line_no,
        min(tier) as tier,
        count(*) as lines,
        min(coalesce(item_id, '')) = max(coalesce(item_id, ''))
        and min(uom) = max(uom)
        and min(price) = max(price) as are_equal,
        max(case when is_substitute then 1 else 0 end) = 1 as is_substitute
    from staying
    group by invoice_id, line_no
)

select
    invoice_id,
    line_no,
    po_id,
    po_line_no,
    tier,
    lines > 1 and are_equal as is_pooled,
    lines > 1 and not are_equal as is_ambiguous,
    is_substitute
from identity
union all
select
    invoice_id,
    line_no,
    po_id,
    po_line_no,
    1 as tier,
    false as is_pooled,
    false as is_ambiguous,
    false as is_substitute
from line_numbered
