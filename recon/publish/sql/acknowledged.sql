-- acknowledged: what the supplier's newest acknowledgement says of each order line, for people to read.
--
-- grain     po_id, po_line_no
-- reads     po_ack_line
-- params    $business_date  DATE, acknowledgements dated later are not shown
-- money     prices as text
-- rule      Of several acknowledgements of a line the newest counts, as in the match.
with ranked as (
    select
        po_id,
        ltrim(upper(trim(line_no)), '0') as line_no_norm,
        ack_seq,
        ack_code,
        qty,
        uom,
        price,
        item_catalog_no,
        promised,
        rank() over (
            partition by po_id, ltrim(upper(trim(line_no)), '0')
            order by acknowledged_date desc nulls last, ack_id desc nulls last
        ) as place
    from po_ack_line
    where coalesce(acknowledged_date, $business_date) <= $business_date
)

select
    po_id,
    line_no_norm,
    string_agg(
        coalesce(nullif(concat_ws(' ', quantity_text(qty), uom, 'at ' || price_text(price)), '') || ', ', '')
        || case
            when ack_code = 'IP' then 'price changed'
            when ack_code = 'IQ' then 'quantity changed'
            when ack_code = 'IC' then 'accepted with changes'
            when ack_code = 'IS' then 'substituted by ' || coalesce(item_catalog_no, 'another item')
            when ack_code in ('IR', 'ID') or ack_code like 'R_' then 'rejected'
            when ack_code in ('IB', 'BP') then 'back-ordered'
            when ack_code = 'IA' then 'accepted'
            else 'answered'
        end
        || ' (' || ack_code || coalesce(', promised for ' || cast(promised as varchar), '') || ')',
        '; '
        order by ack_seq
    ) as acknowledged
from ranked
where place = 1
group by po_id, line_no_norm
order by po_id, line_no_norm
