-- line_difference: the lines that differ from what was agreed, with all that is asked of their tolerances.
--
-- grain     invoice_id, line_no
-- reads     line_price, line_region, price_credit
-- params    none
-- money     prices as in line_price; quantities and `credited` are whole numbers in its measure
-- rule      Prices, regions and price credits of a line, side by side. A line of a group that is not short has no
--           region but A: all of it was ordered and received. (Specification 1.2 steps 6 and 9.)
select
    price.invoice_id,
    price.line_no,
    price.group_no,
    price.match_type,
    price.match_basis,
    cast(price.ordered * 1000000 as hugeint) as ordered,
    price.scale,
    cast(case when price.match_basis = 'AMOUNT' then 1 else price.scale end as bigint) as ordered_scale,
    price.item_id,
    price.k,
    price.base_unit,
    price.p,
    price.po_p,
    price.contract_p,
    cast(coalesce(region.shortfall, 0) * 1000000 as hugeint) as shortfall,
    cast(coalesce(region.excess, 0) * 1000000 as hugeint) as excess,
    cast(coalesce(region.hi, 0) * 1000000 as hugeint) as hi,
    price.amount,
    price.price,
    price.qty_billed,
    price.is_lot_bound,
    price.residual,
    cast(price.billed * 1000000 as hugeint) as billed,
    cast(price.need * 1000000 as hugeint) as need,
    cast(coalesce(region.a, price.need) * 1000000 as hugeint) as a,
    cast(coalesce(region.c, 0) * 1000000 as hugeint) as c,
    cast(coalesce(region.d, 0) * 1000000 as hugeint) as d,
    cast(coalesce(region.b, 0) * 1000000 as hugeint) as b,
    cast(coalesce(region.b_went_back, 0) * 1000000 as hugeint) as b_went_back,
    case
        when price.match_type = '4WAY' then cast(coalesce(region.b_not_accepted, 0) * 1000000 as hugeint)
        else cast(0 as hugeint)
    end as b_not_accepted,
    cast(cast(coalesce(credit.amount, 0) as decimal(19, 2)) * 100 as hugeint) * price.k * 10000000000 as credited,
    price.supplier_id,
    price.category,
    price.is_implant,
    price.facility_id,
    price.invoice_date
from line_price as price
left join line_region as region on price.invoice_id = region.invoice_id and price.line_no = region.line_no
left join price_credit as credit
    on price.invoice_id = credit.invoice_id and price.line_no = credit.line_no
