-- line_leak: what a line costs above contract although order and invoice agree, and what price variance is latent.
--
-- grain     invoice_id, line_no
-- reads     line_difference, tolerance
-- params    none
-- money     each amount rounded once to cents, half away from zero
-- rule      `leak` is (A+C)(min(p, P) - contract) where that exceeds the tolerance CONTRACT per base unit. It is a
--           measure of its own and never held; of the price it counts only what the order agreed to, so that no dollar
--           is in PRICE_OVER and in PRICE_ABOVE_CONTRACT.
--           `latent` is the rest of the price variance, on goods of which it is not counted: those not received, for
--           nothing is paid for them yet, and of a price below the order's those beyond it too. It is shown only.
--           (Specification 1.2 steps 7 and 8.)
with compared as (
    select
        line.*,
        rule.rule_id,
        coalesce(rule.is_any, false) as is_any,
        coalesce(rule.is_unlimited, false) as is_unlimited,
        coalesce(least(line.p, line.po_p) - line.contract_p, cast(0 as hugeint)) as above,
        cast(coalesce(rule.abs_limit, case when rule.pct is null then 0 end) * 1000000 as hugeint) * line.k as most,
        cast(rule.pct * 1000000 as hugeint) * line.contract_p as most_of_price
    from line_difference as line
    left join tolerance as rule
        on
            line.supplier_id = rule.supplier_id
            and line.category = rule.category
            and line.is_implant = rule.is_implant
            and line.facility_id = rule.facility_id
            and line.invoice_date = rule.invoice_date
            and rule.check_name = 'CONTRACT'
),

worth as (
    select
        invoice_id,
        line_no,
        k,
        rule_id,
        case
            when above <= 0 or is_unlimited then cast(0 as hugeint)
            when
                is_any
                and (
                    coalesce(above * base_unit <= most, false)
                    or coalesce(above * 1000000 <= most_of_price, false)
                ) then cast(0 as hugeint)
            when
                not is_any
                and coalesce(above * base_unit <= most, true)
                and coalesce(above * 1000000 <= most_of_price, true) then cast(0 as hugeint)
            else (a + c) * above
        end as leak,
        -- What line_component counts of a price below the order's is of A alone.
        (need - a - case when p > po_p then c else cast(0 as hugeint) end) * (p - po_p) as latent
    from compared
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
