// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file by Netty: FileLab FILE WAY... sends it once for each way to a client of its own,
 *
 *   region   as a DefaultFileRegion, which Netty gives to the kernel by transferTo()
 *   buffer   read into a ByteBuf, and written from there
 *
 * and says "sent WAY BYTES" of what the client got.
 */
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.FileChannel;

public class FileLab {
	static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

	/* Sends the file to whoever connects, and closes. */
	static class Send extends ChannelInboundHandlerAdapter {
		final File file;
		final boolean region;

		Send(File file, boolean region) {
			this.file = file;
			this.region = region;
		}

		Object message(ChannelHandlerContext ctx) throws IOException {
			if (region)
				return new DefaultFileRegion(file, 0, file.length());
			try (FileChannel from = FileChannel.open(file.toPath())) {
				int size = (int) file.length();
				ByteBuf buffer = ctx.alloc().directBuffer(size);

				while (buffer.readableBytes() < size)
					buffer.writeBytes(from, buffer.readableBytes(),
							  size - buffer.readableBytes());
				return buffer;
			}
		}

		@Override
		public void channelActive(ChannelHandlerContext ctx) throws IOException {
			ctx.writeAndFlush(message(ctx)).addListener(ChannelFutureListener.CLOSE);
		}
	}

	static long receive(int port) throws IOException {
		byte[] into = new byte[65536];
		long got = 0;

		try (Socket s = new Socket(LOOPBACK, port)) {
			InputStream in = s.getInputStream();

			for (int n; (n = in.read(into)) > 0;)
				got += n;
		}
		return got;
	}

	static long send(EventLoopGroup group, File file, boolean region) throws Exception {
		Channel listener = new ServerBootstrap().group(group)
			.channel(NioServerSocketChannel.class)
			.childHandler(new ChannelInitializer<Channel>() {
				@Override
				protected void initChannel(Channel c) {
					c.pipeline().addLast(new Send(file, region));
				}
			})
			.bind(new InetSocketAddress(LOOPBACK, 0)).sync().channel();

		return receive(((InetSocketAddress) listener.localAddress()).getPort());
	}

	public static void main(String[] args) throws Exception {
		EventLoopGroup group = new NioEventLoopGroup(1);

		for (int i = 1; i < args.length; i++)
			System.out.printf("sent %s %d%n", args[i],
					  send(group, new File(args[0]), args[i].equals("region")));
		group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS)
			.syncUninterruptibly();
	}
}
