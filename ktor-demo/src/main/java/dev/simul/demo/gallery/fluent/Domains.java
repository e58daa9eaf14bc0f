// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.fluent.Names.getaddrinfo;
import static dev.simul.facade.Asyncio.asCompleted;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;

final class Domains {
    static final int MAX_KEYWORD_LEN = 4;

    static final List<String> KWLIST = List.of((
            "False None True and as assert async await break class continue def del elif else except finally for " +
            "from global if import in is lambda nonlocal not or pass raise return try while with yield").split(" "));

    record Answer(String domain, boolean found) {}

    static Answer probe(String domain) {
        try {
            await(getaddrinfo(domain, 0), UnknownHostException.class);
        } catch (UnknownHostException e) {
            return new Answer(domain, false);
        }
        return new Answer(domain, true);
    }

    static void main(String[] args) {
        run(() -> {
            var names = KWLIST.stream().filter(kw -> kw.length() <= MAX_KEYWORD_LEN);
            var domains = names.map(name -> (name + ".dev").toLowerCase(Locale.ROOT));
            var coros = domains.map(domain -> createTask(() -> probe(domain))).toList();
            for (var coro : asCompleted(coros)) {
                var answer = await(coro);
                char mark = answer.found() ? '+' : ' ';
                System.out.println(mark + " " + answer.domain());
            }
        });
    }
}
