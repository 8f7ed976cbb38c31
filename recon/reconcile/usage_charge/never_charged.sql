-- never_charged: open charges of what is not to be charged, on that day and at that place (SC10).
--
-- grain     charge_no
-- reads     left_open, charge_known, code_period, item_cdm_map
-- params    none
-- money     none
-- rule      The charge master says that the code may not be charged; or every item that the map in force leads to the
--           code is routine, not chargeable or below its threshold. Of rows of the map, one for the department goes
--           before one for the place before one for all, one for the hospital before one for all, then the newest; a
--           row of such an item may name no code. A price that follows the cost, that nobody
--           states, or of zero (priced elsewhere), is below no threshold.
--           A charge that names its item is judged by that item alone: routine stays routine under a code that others
--           share, or that is another's. (Usage and charge 1, step 6.)
with open_charge as (
    select
        line.charge_no,
        line.facility_id,
        line.cdm_code,
        line.item_id,
        line.service_date,
        coalesce(line.dept_id, '*') as dept_id,
        coalesce(line.location_id, '*') as location_id,
        coalesce(line.price, 0) as price,
        cdm.method,
        coalesce(cdm.is_chargeable, true) as is_chargeable
    from left_open
    inner join charge_known as line on left_open.line_no = line.charge_no
    left join code_period as cdm on line.period_no = cdm.period_no
    where left_open.side = 'C' and line.account_no is not null
),

asked as (
    select
        open_charge.charge_no,
        mapping.item_id
    from open_charge
    inner join item_cdm_map as mapping
        on
            open_charge.cdm_code = mapping.cdm_code
            and (mapping.facility_id = open_charge.facility_id or mapping.facility_id = '*')
    group by open_charge.charge_no, mapping.item_id
    union
    select
        charge_no,
        item_id
    from open_charge
    where item_id is not null
),

ranked as (
    select
        open_charge.charge_no,
        coalesce(mapping.cdm_code, open_charge.cdm_code) = open_charge.cdm_code as leads_here,
        coalesce(mapping.item_id = open_charge.item_id, false) as is_named,
        mapping.chargeable,
        case
            when mapping.chargeable = 'Y' then 0
            when mapping.chargeable <> 'THRESHOLD' then 1
            when open_charge.method = 'COST_MARKUP' or open_charge.price = 0 then 0
            when open_charge.price >= coalesce(mapping.threshold, 0) then 0
            else 1
        end as is_not_charged,
        row_number() over (
            partition by open_charge.charge_no, mapping.item_id
            order by
                case when mapping.dept_id = '*' then 1 else 0 end,
                case when mapping.location_id = '*' then 1 else 0 end,
                case when mapping.facility_id = '*' then 1 else 0 end,
                mapping.valid_from desc,
                mapping.facility_id,
                mapping.dept_id,
                mapping.location_id
        ) as place
    from asked
    inner join open_charge on asked.charge_no = open_charge.charge_no
    inner join item_cdm_map as mapping
        on
            asked.item_id = mapping.item_id
            and (mapping.facility_id = open_charge.facility_id or mapping.facility_id = '*')
            and (mapping.dept_id = open_charge.dept_id or mapping.dept_id = '*')
            and (mapping.location_id = open_charge.location_id or mapping.location_id = '*')
            and open_charge.service_date between mapping.valid_from and coalesce(mapping.valid_to, date '9999-12-31')
)

select charge_no
from ranked
where place = 1
group by charge_no
having
    min(case when leads_here then is_not_charged end) = 1
    -- The price of another's code says nothing of a threshold.
    or max(case when is_named and (leads_here or chargeable <> 'THRESHOLD') then is_not_charged end) = 1
union
select charge_no
from open_charge
where not is_chargeable
