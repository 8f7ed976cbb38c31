-- line_leak: what a line costs above contract although order and invoice agree, and what variance is latent.
--
-- grain     invoice_id, line_no
-- reads     line_difference, tolerance
-- params    none
-- money     each amount rounded once to cents, half away from zero
-- rule      leak = (A+C)(min(p, P) - contract) when above the contract tolerance per base unit: a
--           separate measure, so that no dollar is in PRICE_OVER and in PRICE_ABOVE_CONTRACT. Latent is
--           the price variance on what is not received: shown, not counted. (Specification 1.2
--           steps 7 and 8.)
with worth as (
    select
        line.invoice_id,
        line.line_no,
        line.k,
        rule.rule_id,
        case
            when
                line.contract_p is not null
                and not coalesce(rule.is_unlimited, false)
                and (least(line.p, line.po_p) - line.contract_p) * line.base_unit
                > cast(coalesce(rule.abs_limit, 0) * 1000000 as hugeint) * line.k
                then
                    (line.a + line.c)
                    * (least(line.p, line.po_p) - line.contract_p)
            else cast(0 as hugeint)
        end as leak,
        (line.need - line.a - line.c) * (line.p - line.po_p) as latent
    from line_difference as line
    left join tolerance as rule
        on
            line.supplier_id = rule.supplier_id
            and line.category = rule.category
            and line.facility_id = rule.facility_id
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
