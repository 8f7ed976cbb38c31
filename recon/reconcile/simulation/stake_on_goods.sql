-- stake_on_goods: what each tolerance decided on each line of goods: held, tolerated, above contract.
--
-- grain     invoice_id, line_no, check_name
-- reads     line_cent, line_component, line_difference, line_leak, tolerance
-- params    none
-- money     held and tolerated in the cents of the match; what is above contract rounded once, half away
--           from zero, and never more than what is tolerated
-- rule      A component belongs to the check that decided it. PRICE: of a tolerated variance, what is above
--           the contract in force is leak: worth - (A+C) x max(0, contract - P). CONTRACT: the leak of the
--           match, where invoice and order agree. So no dollar is leak twice. On an amount basis no
--           tolerance decides what is not received. (Specification 1.2 steps 7 to 9.)
with component as (
    select
        cent.invoice_id,
        cent.line_no,
        cent.code,
        cent.is_held,
        cent.rule_id,
        cent.amount,
        case
            when cent.code in ('line_math', 'LINE_MATH') then 'LINE_MATH'
            when cent.code in ('price', 'PRICE_UNDER', 'PRICE_PO_STALE', 'PRICE_OVER', 'UOM_SUSPECT') then 'PRICE'
            when cent.code = 'AMT_OVER_ORDERED' or (cent.code = 'qty_ordered' and line.match_basis = 'AMOUNT')
                then 'AMT_ORDERED'
            when cent.code in ('qty_ordered', 'QTY_OVER_ORDERED', 'QTY_OVER_BILLED') then 'QTY_ORDERED'
            when line.match_basis <> 'AMOUNT' then 'QTY_RECEIVED'
        end as check_name,
        line.k,
        case when line.contract_p is not null then 1 else 0 end as contracts,
        case
            when
                not cent.is_held
                and cent.code in ('price', 'PRICE_PO_STALE')
                and not coalesce(contract_rule.is_unlimited, false)
                and (line.p - line.contract_p) * line.base_unit
                > cast(coalesce(contract_rule.abs_limit, 0) * 1000000 as hugeint) * line.k
                then
                    greatest(
                        cast(0 as hugeint),
                        component.worth
                        - (line.a + line.c) * greatest(cast(0 as hugeint), line.contract_p - line.po_p)
                    )
            else cast(0 as hugeint)
        end as above_contract
    from line_cent as cent
    inner join line_component as component
        on
            cent.invoice_id = component.invoice_id
            and cent.line_no = component.line_no
            and cent.code = component.code
    inner join line_difference as line on cent.invoice_id = line.invoice_id and cent.line_no = line.line_no
    left join tolerance as contract_rule
        on
            line.supplier_id = contract_rule.supplier_id
            and line.category = contract_rule.category
            and line.is_implant = contract_rule.is_implant
            and line.facility_id = contract_rule.facility_id
            and line.invoice_date = contract_rule.invoice_date
            and contract_rule.check_name = 'CONTRACT'
)

select
    invoice_id,
    line_no,
    check_name,
    -- A finding is written in capitals; a tolerated difference is none. The first by name, of several.
    min(case when code = upper(code) then code end) as finding,
    min(rule_id) as rule_id,
    cast(sum(case when is_held then amount else 0 end) as decimal(18, 2)) as held,
    cast(sum(case when is_held then 0 else amount end) as decimal(18, 2)) as tolerated,
    cast(
        sum(
            case
                when above_contract > 0
                    then
                        least(
                            amount,
                            cast((above_contract * 2 + k * 10000000000) // (k * 20000000000) as decimal(32, 0)) * 0.01
                        )
                else 0
            end
        ) as decimal(18, 2)
    ) as leak,
    max(contracts) = 1 as has_contract
from component
where check_name is not null
group by invoice_id, line_no, check_name
union all
select
    leak.invoice_id,
    leak.line_no,
    'CONTRACT' as check_name,
    case when leak.leak <> 0 then 'PRICE_ABOVE_CONTRACT' end as finding,
    leak.rule_id,
    cast(0 as decimal(18, 2)) as held,
    cast(0 as decimal(18, 2)) as tolerated,
    leak.leak,
    true as has_contract
from line_leak as leak
inner join line_difference as line on leak.invoice_id = line.invoice_id and leak.line_no = line.line_no
where least(line.p, line.po_p) > line.contract_p
