// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Locale;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;

final class Download {
    static String downloadOne(HttpClient client, Flags flags, String cc) {
        byte[] image = getFlag(client, flags, cc);
        flags.saveFlag(image, cc + ".png");
        System.out.print(cc + " ");
        return cc;
    }

    static byte[] getFlag(HttpClient client, Flags flags, String cc) {
        var url = URI.create((flags.getBaseUrl() + "/" + cc + "/" + cc + ".png").toLowerCase(Locale.ROOT));
        var resp = await(client.sendAsync(HttpRequest.newBuilder(url).build(), BodyHandlers.ofByteArray()));
        return resp.body();
    }

    static int downloadMany(Flags flags, List<String> ccList) {
        return run(() -> supervisor(flags, ccList));
    }

    static int supervisor(Flags flags, List<String> ccList) {
        var client = HttpClient.newHttpClient();
        var toDo = ccList.stream().sorted().map(cc -> createTask(() -> downloadOne(client, flags, cc))).toList();
        var res = await(gather(toDo));
        return res.size();
    }

    static void main(String[] args) {
        Flags.main(Download::downloadMany);
    }
}
