-- contract_in_force: the contract price of a matched line, or why there is none.
--
-- grain     invoice_id, line_no
-- reads     matched_line, match_group, contract_price, item, unit
-- params    none
-- money     price times one plus the mark-up, to six decimals; it is for price_shares shares
-- rule      Chosen at the supplier's price basis date (the order's unless it says the invoice's). A
--           row for the facility beats one for all; the untiered row beats a tier, then the higher
--           price, whatever its unit: eligibility for a better tier is not assumed. Of one contract line
--           in two periods that overlap, the later one counts. No row in force: EXPIRED when one has
--           ended, else NOT_EFFECTIVE; no row at all is a finding for items bought on contract.
--           (Specification 1.2 step 8; 1.4.)
with question as (
    select
        line.invoice_id,
        line.line_no,
        grp.match_group,
        grp.item_id,
        grp.supplier_id,
        grp.facility_id,
        grp.uom as order_uom,
        grp.shares as order_shares,
        grp.has_unit,
        case when grp.price_basis = 'ORDER_DATE' then grp.order_date else line.invoice_date end as basis_date,
        coalesce(item.contract_flag, false) as is_contract_item
    from matched_line as line
    inner join match_group as grp on line.match_group = grp.match_group
    left join item on grp.item_id = item.item_id
    where line.code is null and not line.is_credit and line.match_basis = 'QTY'
),

offer as (
    select
        question.invoice_id,
        question.line_no,
        contract.contract_id,
        contract.facility_scope,
        contract.tier,
        contract.valid_from,
        contract.valid_to,
        cast(
            round(
                cast(contract.price as decimal(19, 6))
                * cast(1 + coalesce(contract.markup_pct, 0) as decimal(9, 6)),
                6
            )
            as decimal(19, 6)
        ) as price,
        coalesce(
            unit.shares, case when contract.uom = question.order_uom then question.order_shares end
        ) as price_shares,
        question.basis_date,
        contract.valid_from <= question.basis_date
        and coalesce(contract.valid_to, date '9999-12-31') >= question.basis_date as is_in_force,
        coalesce(contract.valid_to, date '9999-12-31') < question.basis_date as is_ended
    from question
    inner join contract_price as contract
        on
            question.item_id = contract.item_id
            and question.supplier_id = contract.supplier_id
            and contract.facility_scope in ('*', question.facility_id)
    left join unit
        on question.has_unit and contract.item_id = unit.item_id and contract.uom = unit.uom
),

-- A price that is replaced (X12 832) is not always ended: of one contract line the newest counts.
newest as (
    select
        offer.*,
        row_number() over (
            partition by invoice_id, line_no, contract_id, facility_scope, tier
            order by valid_from desc
        ) as age
    from offer
    where is_in_force
),

best as (
    select
        newest.*,
        row_number() over (
            partition by invoice_id, line_no
            order by
                case when facility_scope = '*' then 1 else 0 end,
                case when tier in ('', 'STANDARD') then 0 else 1 end,
                cast(price * 1000000 as hugeint) * 100000 // price_shares desc,
                contract_id,
                facility_scope,
                tier
        ) as place
    from newest
    where age = 1 and price_shares is not null
),

standing as (
    select
        invoice_id,
        line_no,
        max(case when is_in_force then 1 else 0 end) as in_force,
        max(case when is_ended then 1 else 0 end) as ended,
        max(case when is_ended then contract_id end) as ended_contract_id,
        max(contract_id) as any_contract_id
    from offer
    group by invoice_id, line_no
)

select
    question.invoice_id,
    question.line_no,
    best.price,
    best.price_shares,
    case
        when best.contract_id is not null then best.contract_id
        when standing.ended = 1 then standing.ended_contract_id
        else standing.any_contract_id
    end as contract_id,
    case
        when best.contract_id is not null then 'IN_FORCE'
        when standing.in_force = 1 then 'NO_UNIT'
        when standing.ended = 1 then 'EXPIRED'
        when standing.invoice_id is not null then 'NOT_EFFECTIVE'
        when question.is_contract_item then 'NOT_LOADED'
        else 'NONE'
    end as standing
from question
left join best
    on question.invoice_id = best.invoice_id and question.line_no = best.line_no and best.place = 1
left join standing on question.invoice_id = standing.invoice_id and question.line_no = standing.line_no
