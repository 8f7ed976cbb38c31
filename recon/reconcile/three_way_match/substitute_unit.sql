-- substitute_unit: what a unit of an acknowledged substitute counts for, in shares of the item ordered.
--
-- grain     invoice_id, line_no
-- reads     line_identity, billed_line, order_line, unit
-- params    none
-- money     none
-- rule      A substitute is counted in units of its own, and its base unit may be another. It stands for the item
--           ordered piece for piece: by the smallest unit that both have. Where they have none in common, the unit
--           ordered stands for itself, and nothing else is guessed. (Specification 1.2 steps 1 and 3.)
with billed as (
    select
        identity.invoice_id,
        identity.line_no,
        line.uom,
        coalesce(line.item_id, ordered.item_id) as item_id,
        ordered.item_id as order_item_id,
        ordered.uom as order_uom,
        ordered.shares as order_shares,
        ordered.has_unit
    from line_identity as identity
    inner join billed_line as line
        on identity.invoice_id = line.invoice_id and identity.line_no = line.line_no
    inner join order_line as ordered
        on identity.po_id = ordered.po_id and identity.po_line_no = ordered.po_line_no
    where identity.is_substitute
),

shared as (
    select
        billed.invoice_id,
        billed.line_no,
        own.shares as own_shares,
        of_order.shares as order_shares,
        row_number() over (
            partition by billed.invoice_id, billed.line_no
            order by of_order.shares, own.shares, own.uom
        ) as place
    from billed
    inner join unit as own on billed.item_id = own.item_id
    inner join unit as of_order on billed.order_item_id = of_order.item_id and own.uom = of_order.uom
    where billed.has_unit
)

select
    billed.invoice_id,
    billed.line_no,
    cast(
        case
            when own.shares * shared.order_shares % shared.own_shares = 0
                then own.shares * shared.order_shares // shared.own_shares
            when (own.shares is null or shared.own_shares is null) and billed.uom = billed.order_uom
                then billed.order_shares
        end as bigint
    ) as shares
from billed
left join unit as own on billed.item_id = own.item_id and billed.uom = own.uom
left join shared on billed.invoice_id = shared.invoice_id and billed.line_no = shared.line_no and shared.place = 1
