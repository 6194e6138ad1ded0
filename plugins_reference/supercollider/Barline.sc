// A client of the Barline daemon over OSC. Requests and fields are those of docs/PROTOCOL.md:
//
//   b = Barline.new;
//   b.project((name: "song", tempo: 120));
//   b.repaint((project: "song", source: "/music/mix.wav", 'start.bars': 17, 'end.bars': 21),
//       onDone: { |done| done.postln }, onProgress: { |stage, step, of| [stage, step, of].postln });
//
// UDP may lose a datagram: a request that nobody answered is sent again under its id, which the daemon does not do twice.

Barline {
	classvar <>resendSeconds = 2, <>attempts = 5;
	var <addr, <prefix, <server, <>onEngine, count = 0, jobs, responders;

	// host, port: of the daemon; left out: found by itself.
	// server: a Server that loads the takes; nil: nobody does.
	*new { |host, port, server|
		^super.new.init(host, port, server)
	}

	// Where the daemon is: the environment, else its port file, else the usual port.
	*discover {
		var place = "BARLINE_RUNTIME".getenv ?? { "~/.barline".standardizePath };
		var file = if(File.type(place) == \directory) { place +/+ "daemon.json" } { place };
		var told = if(File.exists(file)) { file.parseYAMLFile };
		told = told ? Dictionary.new;
		^NetAddr(
			"BARLINE_HOST".getenv ?? { Barline.reachable(told["host"] ? "127.0.0.1") },
			("BARLINE_PORT".getenv ?? { told["osc"] ? "7770" }).asInteger
		)
	}

	// A daemon that listens everywhere is asked on this machine.
	*reachable { |host|
		^if(host == "0.0.0.0") { "127.0.0.1" } { host }
	}

	init { |host, port, aServer|
		var found = Barline.discover;
		addr = NetAddr(host ? found.hostname, port ? found.port);
		server = aServer;
		prefix = "sc-%-%".format(Date.getDate.format("%y%m%d%H%M%S"), 1000000.rand);
		jobs = IdentityDictionary.new;
		responders = [\accepted, \progress, \done, \fail, \cancelled, \synced].collect { |kind|
			OSCFunc({ |message| this.prTake(kind, message) }, "/" ++ kind, addr)
		} ++ [OSCFunc({ |message| onEngine.value(message[1], message[2].asString) }, "/engine", addr)];
		responders.do(_.permanent_(true));
	}

	// Stops listening; jobs go on in the daemon.
	free {
		responders.do(_.free);
		jobs.do { |job| job.isHeard = true };
		jobs.clear;
	}

	// Sends any request. fields: an Event or Dictionary of wire names, 'start.bars' and the like in quotes.
	request { |command, fields, onDone, onFail, onProgress|
		var id = ((fields ? ()).at(\id) ?? { count = count + 1; prefix ++ "-" ++ count }).asString;
		var job = BarlineJob(this, command, id, fields ? ());
		job.onDone = onDone;
		job.onFail = onFail;
		job.onProgress = onProgress;
		jobs.put(id.asSymbol, job);
		job.send(attempts);
		^job
	}

	hello { |fields, onDone, onFail| ^this.request(\hello, fields ? (client: "sclang"), onDone, onFail) }
	describe { |fields, onDone, onFail| ^this.request(\describe, fields, onDone, onFail) }
	notify { |fields, onDone, onFail| ^this.request(\notify, fields, onDone, onFail) }
	sync { |onDone, onFail| ^this.request(\sync, (), onDone, onFail) }
	status { |fields, onDone, onFail| ^this.request(\status, fields, onDone, onFail) }
	project { |fields, onDone, onFail| ^this.request(\project, fields, onDone, onFail) }
	repaint { |fields, onDone, onFail, onProgress| ^this.request(\repaint, fields, onDone, onFail, onProgress) }
	generate { |fields, onDone, onFail, onProgress| ^this.request(\generate, fields, onDone, onFail, onProgress) }
	extract { |fields, onDone, onFail, onProgress| ^this.request(\extract, fields, onDone, onFail, onProgress) }
	lego { |fields, onDone, onFail, onProgress| ^this.request(\lego, fields, onDone, onFail, onProgress) }
	complete { |fields, onDone, onFail, onProgress| ^this.request(\complete, fields, onDone, onFail, onProgress) }
	vocal2bgm { |fields, onDone, onFail, onProgress| ^this.request(\vocal2bgm, fields, onDone, onFail, onProgress) }
	cover { |fields, onDone, onFail, onProgress| ^this.request(\cover, fields, onDone, onFail, onProgress) }
	align { |fields, onDone, onFail, onProgress| ^this.request(\align, fields, onDone, onFail, onProgress) }
	plan { |fields, onDone, onFail, onProgress| ^this.request(\plan, fields, onDone, onFail, onProgress) }
	understand { |fields, onDone, onFail, onProgress| ^this.request(\understand, fields, onDone, onFail, onProgress) }

	// job: a BarlineJob, or the id of one that was begun elsewhere.
	cancel { |job, onDone, onFail| ^this.request(\cancel, (job: Barline.idOf(job)), onDone, onFail) }

	// The last reply of a job that was begun elsewhere or before goes to onDone, with its buffers.
	fetch { |job, onDone, onFail|
		var id = Barline.idOf(job);
		var old = BarlineJob(this, \fetched, id, ());
		old.onDone = onDone;
		old.onFail = onFail;
		jobs.put(id.asSymbol, old);
		^this.request(\fetch, (job: id), nil, { |code, text|
			jobs.removeAt(id.asSymbol);
			onFail.value(code, text, "job")
		})
	}

	*idOf { |job| ^if(job.isKindOf(BarlineJob)) { job.id } { job.asString } }

	prTake { |kind, message|
		var job = jobs.at(message[1].asSymbol);
		if(job.notNil) {
			if(#[accepted, progress].includes(kind).not) { jobs.removeAt(message[1].asSymbol) };
			job.take(kind, message)
		}
	}

	prForget { |job| jobs.removeAt(job.id.asSymbol) }
}

// One request under way. state: \sent, \accepted, then \done, \fail or \cancelled.
BarlineJob {
	var <barline, <command, <id, <fields, <state = \sent, <done, <buffers;
	var <>onDone, <>onFail, <>onProgress, <>isHeard = false;

	*new { |barline, command, id, fields| ^super.newCopyArgs(barline, command, id, fields) }

	// Asks the daemon to stop it; onFail then hears \cancelled.
	cancel { |onCancelled| ^barline.cancel(this, onCancelled) }

	// Sends it, and again until somebody answers.
	send { |attempts|
		barline.addr.sendMsg("/" ++ command, id, *BarlineJob.arguments(fields));
		AppClock.sched(Barline.resendSeconds, {
			if(isHeard.not) {
				if(attempts > 1) { this.send(attempts - 1) } {
					barline.prForget(this);
					this.prFail(\fail, \lost, "no daemon answers at %:%".format(barline.addr.hostname, barline.addr.port), "")
				}
			};
			nil
		})
	}

	// Keys and values as the wire has them. A Float goes as text: as OSC's 32-bit float it would lose digits.
	*arguments { |fields|
		^fields.asKeyValuePairs.clump(2).reject { |pair| pair[0] == \id }.collect { |pair|
			var value = pair[1];
			[pair[0].asString, case
				{ value.isInteger } { value }
				{ value.isFloat } { value.asStringPrec(17) }
				{ value.isKindOf(Boolean) } { value.binaryValue }
				{ value.isString.not and: { value.isSequenceableCollection } } { value.collect(_.asString).join(" ") }
				{ value.asString }]
		}.flatten(1)
	}

	take { |kind, message|
		isHeard = true;
		switch(kind,
			\accepted, { state = \accepted },
			\progress, { onProgress.value(message[2], message[3], message[4]) },
			\done, { this.prDone(message) },
			\synced, { state = \done; onDone.value(()) },
			\fail, { this.prFail(\fail, message[3], message[5].asString, message[4].asString) },
			\cancelled, { this.prFail(\cancelled, \cancelled, "the job was stopped", "") }
		)
	}

	// Paths of all takes of a job that is done.
	takes {
		var lines = (done ? ()).at(\takes) ? "";
		var one = (done ? ()).at(\take) ? "";
		^if(lines.isEmpty) { [one].reject(_.isEmpty) } { lines.split($\n) }
	}

	// Where the take belongs, in seconds from the project's start.
	start { ^done !? { (done.at(\start_sample) ? 0) / (done.at(\sample_rate) ? 48000) } }

	prDone { |message|
		done = ();
		message[3..].pairsDo { |key, value| done.put(key.asSymbol, if(value.isKindOf(Symbol)) { value.asString } { value }) };
		state = \done;
		if(barline.server.isNil or: { this.takes.isEmpty }) { onDone.value(done, []) } { this.prLoad }
	}

	prLoad {
		var waiting = this.takes.size;
		buffers = this.takes.collect { |path|
			Buffer.read(barline.server, path, action: {
				waiting = waiting - 1;
				if(waiting == 0) { onDone.value(done, buffers) }
			})
		}
	}

	prFail { |newState, code, text, field|
		state = newState;
		if(onFail.isNil and: { newState == \fail }) { "Barline %: %: %".format(command, code, text).warn };
		onFail.value(code, text, field)
	}
}
