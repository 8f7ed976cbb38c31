-- receipt_layer: what is left of every receipt after goods went back, and what it offers to its match group.
--
-- grain     receipt_key
-- reads     receipt_event, receipt_netted, receipt_worth, order_group, match_group
-- params    none
-- money     `offered` is dollars on an amount basis, shares otherwise; `scale` of them are one base unit
--           (one dollar)
-- rule      Goods going back are taken from what was not accepted first. 4WAY offers what was accepted.
--           (Specification 1.2 steps 4 and 5.)
with layer as (
    select
        event.receipt_key,
        event.receipt_id,
        event.receipt_line_no,
        event.po_id,
        event.po_line_no,
        event.supply_date,
        event.cite_key,
        event.lot,
        event.qty as gross,
        coalesce(netted.received, event.qty) as received,
        least(event.accepted, event.qty, coalesce(netted.received, event.qty)) as accepted
    from receipt_event as event
    left join receipt_netted as netted on event.receipt_key = netted.receipt_key
    where event.has_unit and event.qty > 0
)

select
    layer.*,
    grp.match_group,
    grp.match_type,
    grp.match_basis,
    cast(case when grp.match_basis = 'AMOUNT' then 1 else grp.scale end as bigint) as scale,
    cast(
        case
            when grp.match_basis = 'AMOUNT' then worth.dollars
            when grp.match_type = '4WAY' then layer.accepted
            else layer.received
        end
        as decimal(38, 6)
    ) as offered
from layer
left join receipt_worth as worth on layer.receipt_key = worth.receipt_key
left join order_group on layer.po_id = order_group.po_id and layer.po_line_no = order_group.po_line_no
inner join match_group as grp
    on layer.po_id = grp.po_id and coalesce(order_group.group_line_no, layer.po_line_no) = grp.po_line_no
