-- contract_in_force: the contract price that holds for a matched line, or why none does.
--
-- grain     invoice_id, line_no
-- reads     matched_line, match_group, contract_price, item, unit
-- params    none
-- money     price times one plus the mark-up, exact: it is for price_shares shares; where it has more than six
--           decimals, a million times the price for a million times as many
-- rule      The day that counts is the order's, unless the supplier's price basis says the invoice's, which stands for
--           the day of shipping too. A row is in force while its status is ACTIVE (or not stated) and the day lies in
--           its period; of one contract line in two periods that overlap, the later one counts.
--           Of several rows in force: one for the facility goes before one for all; then the untiered row before a
--           tier, because eligibility for a better tier is not assumed; then the higher price per base unit, whatever
--           its unit.
--           `standing` is IN_FORCE; NO_UNIT, in force in a unit that cannot be converted; EXPIRED, a row has ended or
--           was ended; NOT_EFFECTIVE, there are rows and none holds yet; NOT_LOADED, there is no row for an item that
--           is bought on contract. Lines of other items are not here. `is_below_billed`: on contract a unit costs less
--           than was billed. (Specification 1.2 step 8; 1.4.)
with on_contract as (
    select item_id
    from contract_price
    union
    select item_id
    from item
    where contract_flag
),

question as (
    select
        line.invoice_id,
        line.line_no,
        grp.item_id,
        grp.supplier_id,
        grp.facility_id,
        grp.uom as order_uom,
        grp.shares as order_shares,
        grp.has_unit,
        line.price as billed_price,
        line.price_shares as billed_shares,
        case when grp.price_basis = 'ORDER_DATE' then grp.order_date else line.invoice_date end as basis_date,
        coalesce(item.contract_flag, false) as is_contract_item
    from matched_line as line
    inner join match_group as grp on line.group_no = grp.group_no
    inner join on_contract on grp.item_id = on_contract.item_id
    left join item on grp.item_id = item.item_id
    where line.code is null and not line.is_credit and line.match_basis = 'QTY'
),

-- Most items are on one contract, at one price: there is nothing to choose.
several as (
    select
        item_id,
        supplier_id
    from contract_price
    group by item_id, supplier_id
    having count(*) > 1
),

marked_up as (
    select
        contract_price.*,
        cast(
            cast(price as decimal(19, 6)) * cast(1 + coalesce(markup_pct, 0) as decimal(9, 6)) as decimal(28, 12)
        ) as cost_plus
    from contract_price
),

exact as (
    select
        marked_up.*,
        cast(case when cost_plus = round(cost_plus, 6) then 1 else 1000000 end as decimal(7, 0)) as per
    from marked_up
),

priced as (
    select
        contract.item_id,
        contract.supplier_id,
        contract.contract_id,
        contract.facility_scope,
        upper(trim(contract.facility_scope)) in ('*', 'ALL', '') as is_for_all,
        contract.tier,
        contract.valid_from,
        coalesce(contract.valid_to, date '9999-12-31') as valid_to,
        coalesce(contract.status, 'ACTIVE') as status,
        cast(contract.cost_plus * contract.per as decimal(25, 6)) as price,
        contract.per,
        contract.uom,
        unit.shares,
        several.item_id is null as is_only_one
    from exact as contract
    left join unit on contract.item_id = unit.item_id and contract.uom = unit.uom
    left join several
        on contract.item_id = several.item_id and contract.supplier_id = several.supplier_id
),

offer as (
    select
        question.invoice_id,
        question.line_no,
        question.is_contract_item,
        contract.contract_id,
        contract.facility_scope,
        contract.is_for_all,
        contract.tier,
        contract.valid_from,
        contract.price,
        cast(
            contract.per * case
                when contract.uom = question.order_uom then question.order_shares
                when question.has_unit then contract.shares
            end as bigint
        ) as price_shares,
        question.billed_price,
        question.billed_shares,
        coalesce(contract.is_only_one, true) as is_only_one,
        contract.status = 'ACTIVE'
        and contract.valid_from <= question.basis_date
        and contract.valid_to >= question.basis_date as is_in_force,
        contract.status in ('EXPIRED', 'TERMINATED', 'CANCELLED')
        or contract.valid_to < question.basis_date as is_ended
    from question
    left join priced as contract
        on
            question.item_id = contract.item_id
            and question.supplier_id = contract.supplier_id
            and (contract.is_for_all or contract.facility_scope = question.facility_id)
),

-- A price that is replaced (X12 832) is not always ended: of one contract line the newest counts.
newest as (
    select
        offer.*,
        row_number() over (
            partition by invoice_id, line_no, contract_id, facility_scope, tier
            order by valid_from desc nulls last
        ) as age
    from offer
    where is_in_force and not is_only_one
),

best as (
    select
        newest.*,
        row_number() over (
            partition by invoice_id, line_no
            order by
                case when is_for_all then 1 else 0 end,
                case when tier in ('', 'STANDARD') then 0 else 1 end,
                cast(price * 1000000 as hugeint) * 100000 // price_shares desc nulls last,
                contract_id nulls last,
                facility_scope nulls last,
                tier nulls last
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
        max(contract_id) as any_contract_id,
        min(billed_price) as billed_price,
        min(billed_shares) as billed_shares
    from offer
    where not is_only_one
    group by invoice_id, line_no
),

judged as (
    select
        invoice_id,
        line_no,
        billed_price,
        billed_shares,
        case when is_in_force and price_shares is not null then price end as price,
        case when is_in_force then price_shares end as price_shares,
        contract_id,
        case
            when contract_id is null then 'NOT_LOADED'
            when is_in_force and price_shares is not null then 'IN_FORCE'
            when is_in_force then 'NO_UNIT'
            when is_ended then 'EXPIRED'
            else 'NOT_EFFECTIVE'
        end as standing
    from offer
    where is_only_one and (contract_id is not null or is_contract_item)
    union all
    select
        standing.invoice_id,
        standing.line_no,
        standing.billed_price,
        standing.billed_shares,
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
            else 'NOT_EFFECTIVE'
        end as standing
    from standing
    left join best
        on standing.invoice_id = best.invoice_id and standing.line_no = best.line_no and best.place = 1
)

select
    invoice_id,
    line_no,
    price,
    price_shares,
    contract_id,
    standing,
    case
        when price_shares is null then false
        when price_shares = billed_shares then price < billed_price
        else
            cast(price as decimal(38, 6)) * billed_shares
            < cast(billed_price as decimal(38, 6)) * price_shares
    end as is_below_billed
from judged
