-- hint_account: open use and open charge that differ only in the account: the charge probably is on a wrong one (SC07).
--
-- grain     use_no, charge_no
-- reads     left_after_code, used, charge_known, account_known
-- params    none
-- money     none: charge units
-- rule      Same hospital, code and open units, days at most one apart, and a reason to think of one patient: the same
--           record number, serial number or case, or an order number that names the use. Only where the two are each
--           other's only candidate; otherwise nothing is guessed. (Usage and charge 1, step 5.)
with open_use as (
    select
        line.use_no,
        line.facility_id,
        line.usage_id,
        line.account_no,
        line.cdm_code,
        line.service_date,
        line.serial_key,
        line.case_key,
        account.mrn_key,
        open.units
    from left_after_code as open
    inner join used as line on open.line_no = line.use_no
    inner join account_known as account on line.account_no = account.account_no
    where open.side = 'U'
),

open_charge as (
    select
        line.charge_no,
        line.facility_id,
        line.account_no,
        line.cdm_code,
        line.service_date,
        line.serial_key,
        line.order_id,
        account.mrn_key,
        open.units
    from left_after_code as open
    inner join charge_known as line on open.line_no = line.charge_no
    inner join account_known as account on line.account_no = account.account_no
    where open.side = 'C'
),

-- Accounts on which a case used something.
case_account as (
    select
        facility_id,
        case_key,
        account_no
    from used
    where case_key is not null and account_no is not null
    group by facility_id, case_key, account_no
),

linked as (
    select
        use.use_no,
        charge.charge_no
    from open_use as use
    inner join open_charge as charge
        on
            use.facility_id = charge.facility_id
            and use.mrn_key = charge.mrn_key
            and use.cdm_code = charge.cdm_code
            and use.units = charge.units
    union
    select
        use.use_no,
        charge.charge_no
    from open_use as use
    inner join open_charge as charge
        on
            use.facility_id = charge.facility_id
            and use.serial_key = charge.serial_key
            and use.cdm_code = charge.cdm_code
            and use.units = charge.units
    union
    select
        use.use_no,
        charge.charge_no
    from open_use as use
    inner join open_charge as charge
        on
            use.facility_id = charge.facility_id
            and use.usage_id = charge.order_id
            and use.cdm_code = charge.cdm_code
            and use.units = charge.units
    union
    select
        use.use_no,
        charge.charge_no
    from open_use as use
    inner join case_account
        on use.facility_id = case_account.facility_id and use.case_key = case_account.case_key
    inner join open_charge as charge
        on
            case_account.account_no = charge.account_no
            and use.cdm_code = charge.cdm_code
            and use.units = charge.units
),

candidate as (
    select
        linked.use_no,
        linked.charge_no,
        use.units
    from linked
    inner join open_use as use on linked.use_no = use.use_no
    inner join open_charge as charge on linked.charge_no = charge.charge_no
    where
        use.account_no <> charge.account_no
        and charge.service_date + 1 >= use.service_date
        and charge.service_date <= use.service_date + 1
),

counted as (
    select
        candidate.*,
        count(*) over (partition by use_no) as charges,
        count(*) over (partition by charge_no) as uses
    from candidate
)

select
    use_no,
    charge_no,
    units
from counted
where charges = 1 and uses = 1
