// What the library "oscquery" of npm makes of the tree; run by test_oscquery_clients.py.
const { OSCQueryDiscovery } = require("oscquery");

new OSCQueryDiscovery().queryNewService("127.0.0.1", Number(process.argv[2])).then((service) => {
  const told = (path) => service.resolvePath(path).serialize();
  const answer = {
    osc: service.hostInfo.oscPort,
    listens: service.hostInfo.extensions.LISTEN,
    methods: service.flat().length,
    cancel: told("/cancel").TYPE,
    fade: told("/repaint/fade_ms").RANGE,
    grid: told("/projects/default").VALUE,
  };
  console.log(JSON.stringify(answer));
});
