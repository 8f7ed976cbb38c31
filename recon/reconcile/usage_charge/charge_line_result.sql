-- charge_line_result: what the units of each charge in force came to: a result table.
--
-- grain     facility_id, system_id, txn_id
-- reads     charged, left_after_code, account_known
-- sorted    yes
-- params    none
-- money     none: charge units
-- rule      charged = credited + matched + open, where open is what the last pass of the match left. (Usage and charge
--           1, step 4; invariant 4.)
select
    charged.facility_id,
    charged.system_id,
    charged.txn_id,
    account.account_key,
    charged.cdm_code,
    charged.service_date,
    charged.units,
    cast(charged.units - charged.net_units as decimal(18, 6)) as credited,
    cast(charged.net_units - coalesce(open.units, 0) as decimal(18, 6)) as matched,
    cast(coalesce(open.units, 0) as decimal(18, 6)) as open
from charged
left join left_after_code as open on open.side = 'C' and charged.charge_no = open.line_no
left join account_known as account on charged.account_no = account.account_no
order by charged.charge_no
