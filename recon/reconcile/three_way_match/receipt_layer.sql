-- receipt_layer: what is left of every receipt after goods went back, and what it offers to its match group.
--
-- grain     receipt_key
-- reads     receipt_event, receipt_netted, receipt_worth, order_group, match_group
-- held      no
-- params    none
-- money     `offered` is dollars on an amount basis, shares otherwise; `scale` of them are one base unit
--           (one dollar)
-- rule      Goods that go back are taken from what was not accepted first. A 4WAY line offers what was accepted, which
--           is never less than nothing, any other what was received.
--           What came for a pooled line is offered on the terms of its group; any other line is a group of its own,
--           on its own terms. (Specification 1.2 steps 4 and 5.)
with pooled as (
    select
        order_group.own_group_no,
        order_group.group_no,
        grp.match_type,
        grp.match_basis,
        grp.scale
    from order_group
    inner join match_group as grp on order_group.group_no = grp.group_no
),

layer as (
    select
        event.receipt_key,
        event.receipt_id,
        event.receipt_line_no,
        event.po_id,
        event.po_line_no,
        event.supply_date,
        event.cite_key,
        event.qty as gross,
        coalesce(netted.received, event.qty) as received,
        greatest(
            cast(0 as decimal(38, 6)), least(event.accepted, event.qty, coalesce(netted.received, event.qty))
        ) as accepted,
        coalesce(pooled.group_no, event.own_group_no) as group_no,
        coalesce(pooled.match_type, event.match_type) as match_type,
        coalesce(pooled.match_basis, event.match_basis) as match_basis,
        coalesce(pooled.scale, event.scale) as unit_scale
    from receipt_event as event
    left join receipt_netted as netted on event.receipt_key = netted.receipt_key
    left join pooled on event.own_group_no = pooled.own_group_no
    where event.has_unit and event.qty > 0
)

select
    layer.receipt_key,
    layer.receipt_id,
    layer.receipt_line_no,
    layer.po_id,
    layer.po_line_no,
    layer.supply_date,
    layer.cite_key,
    layer.gross,
    layer.received,
    layer.accepted,
    layer.group_no,
    layer.match_type,
    layer.match_basis,
    cast(case when layer.match_basis = 'AMOUNT' then 1 else layer.unit_scale end as bigint) as scale,
    cast(
        case
            when layer.match_basis = 'AMOUNT' then worth.dollars
            when layer.match_type = '4WAY' then layer.accepted
            else layer.received
        end
        as decimal(38, 6)
    ) as offered
from layer
left join receipt_worth as worth on layer.receipt_key = worth.receipt_key
