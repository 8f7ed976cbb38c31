-- order_group: order lines that are pooled with equal lines of their order, and the first of those.
--
-- grain     po_id, po_line_no
-- reads     order_line, line_identity
-- params    none
-- money     unit prices compared by cross-multiplication
-- rule      Lines of one order that share item (else catalogue number), unit, price per unit and terms (how they are
--           matched, and the currency) are one group as soon as one invoice line cannot tell them apart. Then every
--           line of that class belongs to it, named by an invoice or not, so that no receipt is in two groups. A line
--           that is not here is a group of its own.
--           (Specification 1.2 step 3, pooled.)
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
        line.own_group_no,
        coalesce(
            line.item_id,
            ' ' || nullif(ltrim(regexp_replace(upper(line.catalog_no), '[^A-Z0-9]', '', 'g'), '0'), ''),
            ''
        ) as goods,
        line.uom,
        line.match_type || ' ' || line.match_basis || ' ' || line.currency as terms,
        cast(line.price as decimal(38, 6)) as price,
        line.price_shares
    from order_line as line
    inner join pooled_order on line.po_id = pooled_order.po_id
    where line.status <> 'CANCELLED'
),

priced as (
    select
        po_id,
        goods,
        uom,
        terms,
        price,
        price_shares,
        min(po_line_no) as first_line_no
    from named
    group by po_id, goods, uom, terms, price, price_shares
),

-- 50.00 for one and 5,000.00 for a hundred are one price.
class as (
    select
        priced.po_id,
        priced.goods,
        priced.uom,
        priced.terms,
        priced.price,
        priced.price_shares,
        min(other.first_line_no) as first_line_no
    from priced
    inner join priced as other
        on
            priced.po_id = other.po_id
            and priced.goods = other.goods
            and priced.uom = other.uom
            and priced.terms = other.terms
            and priced.price * other.price_shares = other.price * priced.price_shares
    group by priced.po_id, priced.goods, priced.uom, priced.terms, priced.price, priced.price_shares
),

classed as (
    select
        line.po_id,
        line.po_line_no,
        line.line_key,
        line.own_group_no,
        class.first_line_no
    from named as line
    inner join class
        on
            line.po_id = class.po_id
            and line.goods = class.goods
            and line.uom = class.uom
            and line.terms = class.terms
            and line.price = class.price
            and line.price_shares = class.price_shares
),

pooled as (
    select distinct
        line.po_id,
        line.first_line_no
    from line_identity as identity
    inner join classed as line on identity.po_id = line.po_id and identity.po_line_no = line.po_line_no
    where identity.is_pooled
)

select
    line.po_id,
    line.po_line_no,
    line.line_key,
    line.own_group_no,
    line.first_line_no as group_line_no,
    first_line.line_key as group_line_key,
    first_line.own_group_no as group_no
from classed as line
inner join pooled on line.po_id = pooled.po_id and line.first_line_no = pooled.first_line_no
inner join named as first_line on line.po_id = first_line.po_id and line.first_line_no = first_line.po_line_no
