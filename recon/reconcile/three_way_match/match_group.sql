-- match_group: the order lines that are matched as one: how much is ordered of them, and on which terms.
--
-- grain     group_no
-- reads     order_group, order_line
-- held      no
-- params    none
-- money     `ordered` is dollars on an amount basis, shares otherwise
-- rule      Usually one order line; several where one invoice line cannot tell equal lines apart (order_group). A group
--           has the terms of its first line; lines that are pooled share item, unit and price anyway.
--           Its name is the order's id, / and the line's number, and + behind lines that are pooled; in id and number
--           the signs ~, / and + are written ~0, ~1 and ~2, for line 2 of P/1 is not line 1/2 of P. (Specification 1.2
--           step 3.)
with pooled as (
    select
        order_group.group_no,
        cast(sum(line.ordered) as decimal(38, 6)) as ordered
    from order_group
    inner join order_line as line on order_group.own_group_no = line.own_group_no
    group by order_group.group_no
)

select
    line.own_group_no as group_no,
    replace(replace(line.po_id, '~', '~0'), '/', '~1')
    || '/' || replace(replace(line.po_line_no, '~', '~0'), '+', '~2')
    || case when pooled.group_no is not null then '+' else '' end as match_group,
    line.po_id,
    line.po_line_no,
    line.line_key,
    line.supplier_id,
    line.facility_id,
    line.order_date,
    line.valid_from,
    line.valid_to,
    line.currency,
    line.match_type,
    line.match_basis,
    line.status,
    line.item_id,
    line.category,
    line.is_implant,
    line.uom,
    line.shares,
    line.scale,
    line.has_unit,
    line.price,
    line.price_shares,
    line.price_basis,
    coalesce(pooled.ordered, line.ordered) as ordered
from order_line as line
left join pooled on line.own_group_no = pooled.group_no
left join order_group on line.own_group_no = order_group.own_group_no
where order_group.own_group_no is null or pooled.group_no is not null
