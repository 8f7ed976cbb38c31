-- explant_credited: devices that were taken out and for which a maker's credit is known.
--
-- grain     use_no
-- reads     use_kept, account_number, device_credit
-- params    none
-- money     none
-- rule      A credit is for one device. One that names the serial number of an explant is that explant's; any other is
--           for one explant of its account: of its item, if there is one without a credit, else the one taken out
--           first. (Usage and charge 1, tables: device_credit; SD04.)
with explant as (
    select
        use_no,
        used_at,
        facility_id,
        account_no,
        coalesce(item_id, '') as item_id,
        serial_key
    from use_kept
    where disposition = 'EXPLANTED'
),

serial_explanted as (
    select
        facility_id,
        serial_key
    from explant
    where serial_key is not null
    group by facility_id, serial_key
),

by_serial as (
    select explant.use_no
    from explant
    inner join device_credit as credit
        on explant.facility_id = credit.facility_id and explant.serial_key = credit.serial_key
    group by explant.use_no
),

credited as (
    select
        account_number.account_no,
        coalesce(credit.item_id, '') as item_id,
        count(*) as credits
    from device_credit as credit
    inner join account_number
        on credit.facility_id = account_number.facility_id and credit.account_key = account_number.account_key
    left join serial_explanted
        on credit.facility_id = serial_explanted.facility_id and credit.serial_key = serial_explanted.serial_key
    where serial_explanted.serial_key is null
    group by account_number.account_no, coalesce(credit.item_id, '')
),

credited_account as (
    select
        account_no,
        sum(credits) as credits
    from credited
    group by account_no
),

waiting as (
    select
        explant.use_no,
        explant.used_at,
        explant.account_no,
        row_number() over (
            partition by explant.account_no, explant.item_id order by explant.used_at, explant.use_no
        ) <= coalesce(credited.credits, 0) as is_of_item
    from explant
    left join by_serial on explant.use_no = by_serial.use_no
    left join credited on explant.account_no = credited.account_no and explant.item_id = credited.item_id
    where by_serial.use_no is null and explant.account_no is not null
),

-- Those that a credit of their item answers stand before the others.
placed as (
    select
        use_no,
        account_no,
        row_number() over (
            partition by account_no order by case when is_of_item then 0 else 1 end, used_at, use_no
        ) as place
    from waiting
)

select use_no
from by_serial
union all
select placed.use_no
from placed
inner join credited_account on placed.account_no = credited_account.account_no
where placed.place <= credited_account.credits
