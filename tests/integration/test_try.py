from integration.fleets import ROLE, TOUCH, Fleet, gate, make_fleet, role_variables
from integration.tasks import CREDENTIALS, as_environment
import pytest
@pytest.mark.parametrize("strategy",["linear","free"])
def test_it(playbooks, control, api_url, strategy):
    fleet = make_fleet(control, 20)
    run = playbooks.run([gate(role_variables(api_url, interval=1,max_interval=1,), strategy=strategy)], hosts=fleet.hosts, environment=as_environment(CREDENTIALS), verbosity=0)
    print(run.output)
    print(control.counters())
    assert run.hosts_of("touch") == fleet.upgraded
