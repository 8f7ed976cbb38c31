-- order_group: order lines that are pooled with equal lines of their order, and the first of those.
--
-- grain     po_id, po_line_no
-- reads     order_line, line_identity
-- params    none
-- money     unit prices compared by cross-multiplication
-- rule      Lines of one order that share item (else catalogue number), unit and price per unit
--           are one group as soon as one invoice line cannot tell them apart; then every line
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
        cast(line.price as decimal(38, 6)) as price,
        line.price_shares
    from order_line as line
    inner join pooled_order on line.po_id = pooled_order.po_id
    where line.status <> 'CANCELLED'
),

class as (
    select
        line.po_id,
        line.po_line_no,
        line.line_key,
        min(other.po_line_no) as first_line_no
    from named as line
    inner join named as other
        on
            line.po_id = other.po_id
            and line.goods = other.goods
            and line.uom = other.uom
            and line.price * other.price_shares = other.price * line.price_shares
    group by line.po_id, line.po_line_no, line.line_key
),

pooled as (
    select distinct
        class.po_id,
        class.first_line_no
    from line_identity as identity
    inner join class on identity.po_id = class.po_id and identity.po_line_no = class.po_line_no
    where identity.is_pooled
)

select
    class.po_id,
    class.po_line_no,
    class.line_key,
    class.first_line_no as group_line_no,
    first_line.line_key as group_line_key
from class
inner join pooled on class.po_id = pooled.po_id and class.first_line_no = pooled.first_line_no
inner join named as first_line on class.po_id = first_line.po_id and class.first_line_no = first_line.po_line_no
