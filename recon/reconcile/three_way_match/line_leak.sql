-- line_leak: what a line costs above contract although order and invoice agree, and what variance is latent.
--
-- grain     invoice_id, line_no
-- reads     line_region, line_price, matched_line, match_group, tolerance
-- params    none
-- money     each amount rounded once to cents, half away from zero
-- rule      leak = (A+C)(min(p, P) - contract) when above the contract tolerance per ordered unit: a
--           separate measure, so that no dollar is in PRICE_OVER and in PRICE_ABOVE_CONTRACT. Latent is
--           the price variance on what is not received: shown, not counted. (Specification 1.2
--           steps 7 and 8.)
with worth as (
    select
        region.invoice_id,
        region.line_no,
        price.k,
        rule.rule_id,
        case
            when
                price.contract_p is not null
                and not coalesce(rule.is_unlimited, false)
                and (least(price.p, price.po_p) - price.contract_p) * price.order_unit
                > cast(coalesce(rule.abs_limit, 0) * 1000000 as hugeint) * price.k
                then
                    cast((region.a + region.c) * 1000000 as hugeint)
                    * (least(price.p, price.po_p) - price.contract_p)
            else cast(0 as hugeint)
        end as leak,
        cast((region.need - region.a - region.c) * 1000000 as hugeint) * (price.p - price.po_p) as latent
    from line_region as region
    inner join line_price as price on region.invoice_id = price.invoice_id and region.line_no = price.line_no
    inner join matched_line as line on region.invoice_id = line.invoice_id and region.line_no = line.line_no
    inner join match_group as grp on region.match_group = grp.match_group
    left join tolerance as rule
        on
            line.supplier_id = rule.supplier_id
            and coalesce(grp.category, '') = rule.category
            and coalesce(line.order_facility_id, line.facility_id, '') = rule.facility_id
            and line.invoice_date = rule.invoice_date
            and rule.check_name = 'CONTRACT'
)

select
    invoice_id,
    line_no,
    rule_id,
    cast(
        cast((leak * 2 + k * 10000000000) // (k * 20000000000) as decimal(32, 0)) * 0.01 as decimal(18, 2)
    ) as leak,
    cast(
        cast(
            case when latent < 0 then -1 else 1 end
            * ((abs(latent) * 2 + k * 10000000000) // (k * 20000000000))
            as decimal(32, 0)
        ) * 0.01
        as decimal(18, 2)
    ) as latent
from worth
