-- line_difference: the lines that are not exactly what was agreed, with all that their tolerances ask for.
--
-- grain     invoice_id, line_no
-- reads     line_region, line_price, matched_line, match_group, price_credit
-- params    none
-- money     prices as in line_price; quantities and `credited` are whole numbers in its measure
-- rule      Price, quantity, the stated amount, or the contract's price differs. What agrees in all of them,
--           as most lines do, is supported whole and is judged by no rule. (Specification 1.2 step 9.)
with line as (
    select
        region.invoice_id,
        region.line_no,
        region.match_group,
        grp.match_type,
        grp.match_basis,
        cast(grp.ordered * 1000000 as hugeint) as ordered,
        grp.scale,
        cast(case when grp.match_basis = 'AMOUNT' then 1 else grp.scale end as bigint) as ordered_scale,
        grp.item_id,
        price.k,
        price.base_unit,
        price.p,
        price.po_p,
        price.contract_p,
        cast(region.shortfall * 1000000 as hugeint) as shortfall,
        cast(region.excess * 1000000 as hugeint) as excess,
        cast(region.hi * 1000000 as hugeint) as hi,
        matched.amount,
        matched.price,
        matched.qty_billed,
        matched.is_kit,
        matched.is_lot_bound,
        case
            when matched.is_kit or grp.match_basis = 'AMOUNT' then cast(0 as decimal(19, 2))
            else
                cast(
                    matched.amount - round(matched.qty_billed * cast(matched.price as decimal(19, 6)), 2)
                    as decimal(19, 2)
                )
        end as residual,
        cast(region.need * 1000000 as hugeint) as need,
        cast(region.a * 1000000 as hugeint) as a,
        cast(region.c * 1000000 as hugeint) as c,
        cast(region.d * 1000000 as hugeint) as d,
        cast(region.b * 1000000 as hugeint) as b,
        cast(region.b_went_back * 1000000 as hugeint) as b_went_back,
        case
            when grp.match_type = '4WAY' then cast(region.b_not_accepted * 1000000 as hugeint)
            else cast(0 as hugeint)
        end as b_not_accepted,
        cast(cast(coalesce(credit.amount, 0) as decimal(19, 2)) * 100 as hugeint) * price.k * 10000000000 as credited,
        matched.supplier_id,
        coalesce(grp.category, '') as category,
        coalesce(matched.order_facility_id, matched.facility_id, '') as facility_id,
        matched.invoice_date
    from line_region as region
    inner join line_price as price on region.invoice_id = price.invoice_id and region.line_no = price.line_no
    inner join matched_line as matched
        on region.invoice_id = matched.invoice_id and region.line_no = matched.line_no
    inner join match_group as grp on region.match_group = grp.match_group
    left join price_credit as credit
        on region.invoice_id = credit.invoice_id and region.line_no = credit.line_no
)

select *
from line
where
    p <> po_p
    or b > 0
    or c > 0
    or d > 0
    or residual <> 0
    or least(p, po_p) > contract_p
