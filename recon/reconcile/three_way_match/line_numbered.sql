-- line_numbered: item lines whose line number leads to one order line, with nothing else to weigh.
--
-- grain     invoice_id, line_no
-- reads     billed_line, order_found, order_line, acknowledgement
-- params    none
-- money     none
-- rule      Most lines. Left to line_candidate: a line without a number, or whose number leads nowhere;
--           one whose number several order lines bear (1 and 001); one for which the supplier
--           acknowledged a substitute. (Specification 1.2 step 3, tier T1.)
with number_twice as (
    select distinct
        one.po_id,
        one.line_no_norm
    from order_line as one
    inner join order_line as other on one.po_id = other.po_id and one.line_no_norm = other.line_no_norm
    -- Of two lines with one number, one at least does not write it plainly.
    where one.po_line_no <> one.line_no_norm and one.po_line_no <> other.po_line_no
),

substituted as (
    select distinct
        po_id,
        po_line_no
    from acknowledgement
    where answer = 'SUBSTITUTE'
)

select
    line.invoice_id,
    line.line_no,
    target.po_id,
    target.po_line_no
from billed_line as line
inner join order_found as found on line.invoice_id = found.invoice_id and line.line_no = found.line_no
inner join order_line as target on found.po_id = target.po_id and line.line_no_norm = target.line_no_norm
left join number_twice
    on target.po_id = number_twice.po_id and target.line_no_norm = number_twice.line_no_norm
left join substituted on target.po_id = substituted.po_id and target.po_line_no = substituted.po_line_no
where
    line.line_type = 'ITEM'
    and not line.is_duplicate
    and number_twice.po_id is null
    and substituted.po_id is null
