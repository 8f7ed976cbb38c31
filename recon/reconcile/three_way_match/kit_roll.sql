-- kit_roll: invoice lines that bill the components of a kit which was ordered as one.
--
-- grain     invoice_id, line_no
-- reads     billed_line, order_found, order_line, line_candidate, kit_component, unit
-- params    none
-- money     amount and residual are the sums of the components'; residual as in matched_line; price is
--           for all kits billed
-- rule      An order names the kit, the invoice its components. Taken into account are only lines without an order line
--           number that are about no order line themselves and await no link, and only where every component of the
--           kit is billed. How many kits that is: the least over the components of quantity billed over quantity per
--           kit, in base units, whole kits only. The first line stands for all of them.
--           A component may belong to two kits: where both are billed whole, neither is guessed. Which line of the
--           order the kit is, line_identity says. (Specification 1.2 step 3, kit.)
with kit_ordered as (
    select
        po_id,
        item_id,
        max(case when status = 'CANCELLED' then 0 else 1 end) = 1 as is_live
    from order_line
    where item_id is not null
    group by po_id, item_id
),

possible as (
    select
        line.invoice_id,
        line.line_no,
        cast(cast(line.qty as decimal(38, 6)) * unit.shares as decimal(38, 6)) as qty,
        line.amount,
        case
            when line.qty <> 0 and not line.has_price then cast(0 as decimal(19, 2))
            when line.is_credit and (line.qty = 0 or line.adj_kind = 'PRICE') then cast(0 as decimal(19, 2))
            when line.is_credit
                then cast(line.amount + round(abs(line.qty * cast(line.price as decimal(19, 6))), 2) as decimal(19, 2))
            else cast(line.amount - round(line.qty * cast(line.price as decimal(19, 6)), 2) as decimal(19, 2))
        end as residual,
        line.is_credit,
        kit_ordered.po_id,
        kit_ordered.is_live,
        kit.kit_item_id,
        kit.component_item_id,
        cast(cast(kit.qty as decimal(38, 6)) * unit.scale as decimal(38, 6)) as qty_per_kit
    from billed_line as line
    inner join order_found as found
        on
            line.po_number = found.po_number
            and line.supplier_group = found.supplier_group
            and coalesce(line.facility_id, '') = found.facility_id
    inner join kit_ordered on found.po_id = kit_ordered.po_id
    inner join kit_component as kit
        on kit_ordered.item_id = kit.kit_item_id and line.item_id = kit.component_item_id
    inner join unit on line.item_id = unit.item_id and line.uom = unit.uom
    left join line_candidate as candidate
        on line.invoice_id = candidate.invoice_id and line.line_no = candidate.line_no
    where
        line.line_type = 'ITEM'
        and not line.is_duplicate
        and line.line_no_norm is null
        and line.no_order_code is null
        and candidate.invoice_id is null
        and kit.qty > 0
),

in_kit as (
    select
        kit_item_id,
        count(*) as components
    from kit_component
    group by kit_item_id
),

billed as (
    select
        invoice_id,
        is_credit,
        po_id,
        kit_item_id,
        qty_per_kit,
        cast(sum(qty) as decimal(38, 6)) as qty
    from possible
    group by invoice_id, is_credit, po_id, kit_item_id, component_item_id, qty_per_kit
),

counted as (
    select
        billed.invoice_id,
        billed.is_credit,
        billed.po_id,
        billed.kit_item_id,
        min(
            cast(abs(billed.qty) * 1000000 as hugeint) // cast(billed.qty_per_kit * 1000000 as hugeint)
        ) as kits
    from billed
    inner join in_kit on billed.kit_item_id = in_kit.kit_item_id
    group by billed.invoice_id, billed.is_credit, billed.po_id, billed.kit_item_id, in_kit.components
    having count(*) = in_kit.components
),

-- A line may be in several kits that are billed whole. A cancelled one is meant only where no live one is.
component as (
    select
        possible.*,
        counted.kits,
        count(*) over (
            partition by possible.invoice_id, possible.line_no, case when possible.is_live then 1 else 0 end
        ) as kits_possible,
        max(case when possible.is_live then 1 else 0 end) over (
            partition by possible.invoice_id, possible.line_no
        ) as any_live
    from possible
    inner join counted
        on
            possible.invoice_id = counted.invoice_id
            and possible.is_credit = counted.is_credit
            and possible.po_id = counted.po_id
            and possible.kit_item_id = counted.kit_item_id
    where counted.kits > 0
),

total as (
    select
        invoice_id,
        is_credit,
        po_id,
        kit_item_id,
        min(line_no) as roll_line_no,
        cast(sum(amount) as decimal(18, 2)) as amount,
        cast(sum(residual) as decimal(19, 2)) as residual,
        cast(abs(sum(amount - residual)) as decimal(22, 6)) as price
    from component
    group by invoice_id, is_credit, po_id, kit_item_id
    having max(kits_possible) = 1 and max(case when is_live then 0 else any_live end) = 0
)

select
    component.invoice_id,
    component.line_no,
    total.roll_line_no,
    component.po_id,
    component.kit_item_id,
    component.is_live,
    cast(component.kits as bigint) as kits,
    total.amount,
    total.residual,
    total.price
from component
inner join total
    on
        component.invoice_id = total.invoice_id
        and component.is_credit = total.is_credit
        and component.po_id = total.po_id
        and component.kit_item_id = total.kit_item_id
