-- finding_on_order: what is found on an order line, whatever was billed of it.
--
-- grain     po_id, po_line_no, code, related_document
-- reads     receipt_layer, receipt_event, group_balance, order_group, order_line
-- params    none
-- money     impact at the order's price, rounded once to cents, half away from zero
-- rule      OVER_RECEIPT: more stays received than was ordered on the line, whether or not it is pooled with others.
--           UOM_NO_CONVERSION: a receipt whose unit cannot be converted is no supply; somebody must say how many it
--           was, and it holds nothing by itself.
--           Most lines are passed over at once: where all that came is offered to a line of its own, was ordered and is
--           billed, nothing can be beyond the order. (Specification 1.2 step 11.)
with left_over as (
    select group_no
    from group_balance
    where is_left_over
),

received as (
    select
        layer.po_id,
        layer.po_line_no,
        cast(sum(layer.received) as decimal(38, 6)) as received,
        max(case when layer.received > 0 then layer.supply_date end) as last_date
    from receipt_layer as layer
    left join left_over on layer.group_no = left_over.group_no
    left join order_group on layer.po_id = order_group.po_id and layer.po_line_no = order_group.po_line_no
    where
        layer.match_basis = 'QTY'
        and layer.match_type not in ('2WAY', 'BILL_ONLY')
        and (
            left_over.group_no is not null
            or order_group.po_id is not null
            or layer.match_type in ('4WAY', 'ERS')
        )
    group by layer.po_id, layer.po_line_no
),

beyond as (
    select
        line.*,
        received.last_date,
        cast((received.received - line.ordered) * 1000000 as hugeint) as excess
    from received
    inner join order_line as line on received.po_id = line.po_id and received.po_line_no = line.po_line_no
    where received.received > line.ordered
)

select
    'OVER_RECEIPT' as code,
    cast(
        cast(
            (
                excess * cast(price * 1000000 as hugeint) * 2
                + cast(price_shares as hugeint) * case when price < 0 then -1 else 1 end * 10000000000
            ) // (cast(price_shares as hugeint) * 20000000000)
            as decimal(32, 0)
        ) * 0.01
        as decimal(18, 2)
    ) as impact,
    cast(0 as decimal(18, 2)) as latent,
    cast(cast(excess // scale as decimal(32, 0)) * 0.000001 as decimal(18, 6)) as qty,
    currency,
    facility_id,
    supplier_id,
    cast(null as varchar) as invoice_id,
    cast(null as integer) as line_no,
    po_id,
    po_line_no,
    item_id,
    cast(null as varchar) as related_document,
    cast(null as varchar) as tolerance_rule_id,
    last_date as basis_date
from beyond
union all
select
    'UOM_NO_CONVERSION' as code,
    cast(0 as decimal(18, 2)) as impact,
    cast(0 as decimal(18, 2)) as latent,
    cast(null as decimal(18, 6)) as qty,
    line.currency,
    line.facility_id,
    line.supplier_id,
    cast(null as varchar) as invoice_id,
    cast(null as integer) as line_no,
    line.po_id,
    line.po_line_no,
    line.item_id,
    event.receipt_key as related_document,
    cast(null as varchar) as tolerance_rule_id,
    event.supply_date as basis_date
from receipt_event as event
inner join order_line as line on event.po_id = line.po_id and event.po_line_no = line.po_line_no
where not event.has_unit
