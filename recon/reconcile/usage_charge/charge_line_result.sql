-- charge_line_result: what the units of each charge in force came to.
--
-- grain     facility_id, system_id, txn_id
-- reads     charged, matched, account_known
-- params    none
-- money     none: charge units
-- rule      Usage and charge 1: charged = credited + matched + open.
with supported as (
    select
        charge_no,
        sum(units) as units
    from matched
    group by charge_no
)

select
    charged.facility_id,
    charged.system_id,
    charged.txn_id,
    account.account_key,
    charged.cdm_code,
    charged.service_date,
    charged.charged_units as units,
    cast(charged.charged_units - charged.units as decimal(18, 6)) as credited,
    cast(coalesce(supported.units, 0) as decimal(18, 6)) as matched,
    cast(charged.units - coalesce(supported.units, 0) as decimal(18, 6)) as open
from charged
left join supported on charged.charge_no = supported.charge_no
left join account_known as account on charged.account_no = account.account_no
