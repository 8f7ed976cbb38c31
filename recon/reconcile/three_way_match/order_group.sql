-- order_group: order lines that are pooled with equal lines of their order, and the first of those.
--
-- grain     po_id, po_line_no
-- reads     order_line, line_identity
-- params    none
-- money     none
-- rule      Lines of one order that share item (else catalogue number), unit and price for as many
--           units are one group as soon as one invoice line cannot tell them apart; then every line
--           of the class belongs to it, so that no receipt is in two groups. A line that is not here
--           is a group of its own. (Specification 1.2 step 3: pooled.)
with pooled_order as (
    select distinct po_id
    from line_identity
    where is_pooled
),

-- Only a line without an item is known by its catalogue number.
named as (
    select
        line.po_id,
        line.po_line_no,
        line.line_key,
        coalesce(
            line.item_id,
            ' ' || nullif(ltrim(regexp_replace(upper(line.catalog_no), '[^A-Z0-9]', '', 'g'), '0'), ''),
            ''
        ) as goods,
        line.uom,
        line.price,
        line.price_shares,
        line.status
    from order_line as line
    inner join pooled_order on line.po_id = pooled_order.po_id
),

pooled as (
    select distinct
        line.po_id,
        line.goods,
        line.uom,
        line.price,
        line.price_shares
    from line_identity as identity
    inner join named as line on identity.po_id = line.po_id and identity.po_line_no = line.po_line_no
    where identity.is_pooled
),

class as (
    select
        line.po_id,
        line.goods,
        line.uom,
        line.price,
        line.price_shares,
        min(line.po_line_no) as first_line_no
    from named as line
    inner join pooled
        on
            line.po_id = pooled.po_id
            and line.goods = pooled.goods
            and line.uom = pooled.uom
            and line.price = pooled.price
            and line.price_shares = pooled.price_shares
    where line.status <> 'CANCELLED'
    group by line.po_id, line.goods, line.uom, line.price, line.price_shares
)

select
    line.po_id,
    line.po_line_no,
    line.line_key,
    class.first_line_no as group_line_no,
    first_line.line_key as group_line_key
from named as line
inner join class
    on
        line.po_id = class.po_id
        and line.goods = class.goods
        and line.uom = class.uom
        and line.price = class.price
        and line.price_shares = class.price_shares
inner join named as first_line on class.po_id = first_line.po_id and class.first_line_no = first_line.po_line_no
where line.status <> 'CANCELLED'
