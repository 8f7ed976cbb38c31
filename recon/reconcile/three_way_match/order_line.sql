-- order_line: order lines with all that the match asks of their header, item and supplier.
--
-- grain     po_id, po_line_no
-- reads     purchase_order, purchase_order_line, supplier, item, unit
-- params    $as_of  DATE, orders dated later are not seen
-- money     price is for price_shares shares: never divided. It has 19 digits: of fewer DuckDB makes a
--           product in 64 bits, and a price of a million times a million does not fit
-- rule      What is not stated means: status OPEN; match 3WAY on quantity, or by use on a bill-only or consignment
--           order; the currency of the order, then of the supplier, then USD; price per 1; category implant of what
--           stays in the patient. Ordered by amount without a limit, what is left of the order at its price is the
--           limit.
--           An item without a conversion for the ordered unit is counted in that unit, and nothing in another unit is
--           compared with it.
--           Documents write 001 and 1 for one line. An invoice line finds an order line by `line_key`: its number
--           without spaces and leading zeros. Where two lines of the order then bear one number, it is a text that no
--           invoice prints, and both are weighed (line_candidate). (Specification 1.1, purchase_order_line; 1.2 step
--           1.)
--           own_group_no is the number of the match group that the line is, unless it is pooled (order_group).
with numbered as (
    select
        po_id,
        line_no,
        row_number() over (order by po_id, line_no) as own_group_no
    from purchase_order_line
),

number_twice as (
    select distinct
        one.po_id,
        ltrim(upper(trim(one.line_no)), '0') as line_no_norm
    from purchase_order_line as one
    inner join purchase_order_line as other
        on
            one.po_id = other.po_id
            and ltrim(upper(trim(one.line_no)), '0') = ltrim(upper(trim(other.line_no)), '0')
    -- Of two lines with one number, one at least does not write it plainly.
    where one.line_no <> ltrim(upper(trim(one.line_no)), '0') and one.line_no <> other.line_no
)

select
    cast(numbered.own_group_no as bigint) as own_group_no,
    line.po_id,
    line.line_no as po_line_no,
    ltrim(upper(trim(line.line_no)), '0') as line_no_norm,
    case
        when number_twice.po_id is not null then line.line_no || ' '
        else ltrim(upper(trim(line.line_no)), '0')
    end as line_key,
    header.supplier_id,
    header.facility_id,
    header.order_date,
    header.valid_from,
    header.valid_to,
    coalesce(line.currency, header.currency, supplier.currency, 'USD') as currency,
    case
        when coalesce(supplier.ers, false) then 'ERS'
        when coalesce(header.type, 'STANDARD') in ('BILL_ONLY', 'CONSIGNMENT')
            then coalesce(line.match_type, 'BILL_ONLY')
        when coalesce(header.type, 'STANDARD') = 'DROP_SHIP' then coalesce(line.match_type, 'DROP_SHIP')
        else coalesce(line.match_type, '3WAY')
    end as match_type,
    'DROP_SHIP' in (coalesce(header.type, 'STANDARD'), coalesce(line.match_type, '3WAY')) as is_drop_ship,
    coalesce(line.match_basis, 'QTY') as match_basis,
    case
        when 'CANCELLED' in (coalesce(header.status, 'OPEN'), coalesce(line.status, 'OPEN')) then 'CANCELLED'
        else coalesce(line.status, header.status, 'OPEN')
    end as status,
    line.item_id,
    coalesce(item.category, case when item.implant_flag then 'implant' end) as category,
    coalesce(item.implant_flag, false) as is_implant,
    line.catalog_no,
    line.uom,
    cast(coalesce(unit.shares, 1) as bigint) as shares,
    cast(coalesce(unit.scale, 1) as bigint) as scale,
    unit.shares is not null as has_unit,
    cast(line.price as decimal(19, 6)) as price,
    cast(coalesce(unit.shares, 1) * cast(round(coalesce(line.price_per, 1), 0) as bigint) as bigint) as price_shares,
    cast(
        case
            -- A CASE takes the narrowest scale of a round: each branch says its own type.
            when coalesce(line.match_basis, 'QTY') = 'AMOUNT'
                then
                    cast(
                        coalesce(
                            line.limit_amount,
                            cast(
                                (
                                    cast((line.qty - coalesce(line.cancelled_qty, 0)) * 1000000 as hugeint)
                                    * cast(cast(line.price as decimal(19, 6)) * 1000000 as hugeint)
                                    * 2
                                    + cast(round(coalesce(line.price_per, 1), 0) as hugeint) * 10000000000
                                ) // (cast(round(coalesce(line.price_per, 1), 0) as hugeint) * 20000000000)
                                as decimal(32, 0)
                            ) * 0.01
                        )
                        as decimal(38, 6)
                    )
            else
                cast(
                    (cast(line.qty as decimal(38, 6)) - coalesce(line.cancelled_qty, 0)) * coalesce(unit.shares, 1)
                    as decimal(38, 6)
                )
        end
        as decimal(38, 6)
    ) as ordered,
    coalesce(supplier.price_basis, 'ORDER_DATE') as price_basis
from purchase_order_line as line
inner join numbered on line.po_id = numbered.po_id and line.line_no = numbered.line_no
inner join purchase_order as header on line.po_id = header.po_id
left join supplier on header.supplier_id = supplier.supplier_id
left join item on line.item_id = item.item_id
left join unit on line.item_id = unit.item_id and line.uom = unit.uom
left join number_twice
    on line.po_id = number_twice.po_id and ltrim(upper(trim(line.line_no)), '0') = number_twice.line_no_norm
where header.order_date <= $as_of
