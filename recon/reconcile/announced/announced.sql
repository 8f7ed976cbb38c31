-- announced: what suppliers announced that is not so here.
--
-- grain     what, document, line
-- reads     shipment_line, order_line, receipt_layer, sent_back, unit, catalog_unit, deadline
-- params    $as_of  DATE, days are counted to it
-- money     none; quantities in base units, cut at six decimals
-- rule      A shipment is missed when, `SHIPMENT_RECEIVED` days after the day it should have come (or
--           left), less came of its order line than was shipped up to it; what was sent back did come.
--           A catalogue's unit differs when the item master has no such unit, or neither the largest
--           nor the next larger unit holds as many of it as the catalogue says: senders mean one or
--           the other.
with shipped as (
    select
        shipment.shipment_id,
        shipment.line_no,
        line.po_id,
        line.po_line_no,
        line.supplier_id,
        line.facility_id,
        line.item_id,
        line.scale,
        coalesce(shipment.expected_date, shipment.ship_date) as due_date,
        cast(
            sum(
                cast(shipment.qty as decimal(38, 6))
                * coalesce(unit.shares, case when shipment.uom = line.uom then line.shares end)
            ) over (
                partition by line.po_id, line.po_line_no
                order by shipment.ship_date nulls last, shipment.shipment_id, shipment.line_no
                rows between unbounded preceding and current row
            ) as decimal(38, 6)
        ) as so_far
    from shipment_line as shipment
    inner join order_line as line
        on
            shipment.po_id = line.po_id
            and ltrim(upper(trim(shipment.po_line_no)), '0') = line.line_no_norm
            -- As of receipts, where the order has both 1 and 001.
            and (line.line_key = line.line_no_norm or shipment.po_line_no = line.po_line_no)
    left join unit on line.has_unit and line.item_id = unit.item_id and shipment.uom = unit.uom
    where coalesce(shipment.status, 'SHIPPED') <> 'CANCELLED'
),

due as (
    select shipped.*
    from shipped
    cross join deadline
    where deadline.deadline = 'SHIPMENT_RECEIVED' and shipped.due_date + deadline.days < $as_of
),

-- Most nights await few of all that was ever ordered.
awaited as (
    select distinct
        po_id,
        po_line_no
    from due
),

received as (
    select
        layer.po_id,
        layer.po_line_no,
        cast(
            least(sum(layer.gross), sum(layer.received) + coalesce(max(sent_back.qty), 0)) as decimal(38, 6)
        ) as qty
    from receipt_layer as layer
    inner join awaited on layer.po_id = awaited.po_id and layer.po_line_no = awaited.po_line_no
    left join sent_back on layer.po_id = sent_back.po_id and layer.po_line_no = sent_back.po_line_no
    group by layer.po_id, layer.po_line_no
),

ladder as (
    select
        catalog.supplier_id,
        catalog.catalog_no_norm,
        catalog.uom,
        catalog.item_id,
        catalog.qty,
        unit.shares,
        first_value(unit.shares) over (
            partition by catalog.supplier_id, catalog.catalog_no_norm
            order by catalog.level_no
        ) as largest_shares,
        lag(unit.shares) over (
            partition by catalog.supplier_id, catalog.catalog_no_norm
            order by catalog.level_no
        ) as larger_shares
    from catalog_unit as catalog
    left join unit on catalog.item_id = unit.item_id and catalog.uom = unit.uom
    where catalog.item_id is not null
),

found as (
    select
        'shipped, not received' as what,
        due.shipment_id as document,
        cast(due.line_no as varchar) as line,
        due.supplier_id,
        due.facility_id,
        due.po_id,
        due.po_line_no,
        due.item_id,
        due.due_date,
        cast(
            cast(cast(due.so_far * 1000000 as hugeint) // due.scale as decimal(32, 0)) * 0.000001 as decimal(18, 6)
        ) as shipped,
        cast(
            cast(
                cast(coalesce(received.qty, cast(0 as decimal(38, 6))) * 1000000 as hugeint) // due.scale
                as decimal(32, 0)
            ) * 0.000001
            as decimal(18, 6)
        ) as received
    from due
    left join received on due.po_id = received.po_id and due.po_line_no = received.po_line_no
    where coalesce(received.qty, 0) < due.so_far
    union all
    select distinct
        'catalogue unit that differs from the item master' as what,
        supplier_id || ' ' || catalog_no_norm as document,
        uom as line,
        supplier_id,
        cast(null as varchar) as facility_id,
        cast(null as varchar) as po_id,
        cast(null as varchar) as po_line_no,
        item_id,
        cast(null as date) as due_date,
        cast(null as decimal(18, 6)) as shipped,
        cast(null as decimal(18, 6)) as received
    from ladder
    where
        shares is null
        or (
            qty * shares <> largest_shares
            and coalesce(qty * shares <> larger_shares, true)
        )
)

select
    what,
    document,
    line,
    supplier_id,
    facility_id,
    po_id,
    po_line_no,
    item_id,
    due_date,
    shipped,
    received
from found
